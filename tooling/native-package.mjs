// Makes the optional package of this platform, @neural-langevin/native-PLATFORM: the libraries that the build
// of backend-cpu left in its native/ folder, for machines without a compiler. Its version is that of backend-cpu.
// Then installs it in an empty project and holds every library that runs on this processor to the contract.
//
//   node tooling/native-package.mjs FOLDER     makes FOLDER/PLATFORM
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { root } from "./run.mjs";
import { pack, publishedPackages } from "./src/packages.mjs";

const [folder] = process.argv.slice(2);
if (!folder) {
  process.stderr.write("Name the folder to make the package in.\n");
  process.exit(1);
}
const platform = `${process.platform}-${process.arch}`;
const backend = join(root, "packages", "backend-cpu");
const made = join(backend, "native", platform);
if (!existsSync(join(made, "libraries.json"))) {
  process.stderr.write(
    `There is no native kernel for ${platform}: build with a C compiler first.\n`,
  );
  process.exit(1);
}
const { version, license, engines, homepage, bugs, repository } = JSON.parse(
  readFileSync(join(backend, "package.json"), "utf8"),
);
const { libraries } = JSON.parse(readFileSync(join(made, "libraries.json"), "utf8"));
const name = `@neural-langevin/native-${platform}`;
const sets = [...new Set(libraries.map(({ set }) => set))].join(", ");
const manifest = {
  name,
  version,
  description: `Native kernels (${sets}) of @neural-langevin/backend-cpu for ${platform}`,
  homepage,
  bugs,
  repository,
  license,
  type: "module",
  os: [process.platform],
  cpu: [process.arch],
  // A library that was linked against glibc does not load where there is none.
  ...(process.platform === "linux" ? { libc: ["glibc"] } : {}),
  exports: { "./libraries.json": "./libraries.json", "./package.json": "./package.json" },
  files: ["libraries.json", ...libraries.map(({ file }) => file)],
  engines,
  publishConfig: { access: "public" },
};
const target = join(resolve(folder), platform);
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
for (const file of manifest.files) cpSync(join(made, file), join(target, file));
cpSync(join(root, "LICENSE"), join(target, "LICENSE"));
writeFileSync(join(target, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
writeFileSync(
  join(target, "README.md"),
  `# ${name}\n\nNative kernels (${sets}) for \`@neural-langevin/backend-cpu\`, which installs this package where it fits ` +
    "and takes it only if its source and its SHA-256 are the expected ones. There is nothing to import.\n",
);

const project = mkdtempSync(join(tmpdir(), "nlm-native-"));
try {
  const packages = publishedPackages(root);
  const dependencies = { [name]: `file:${target}` };
  for (const needed of ["core", "backend-cpu", "backend-testkit"]) {
    const { folder: source } = packages.get(`@neural-langevin/${needed}`);
    dependencies[`@neural-langevin/${needed}`] = `file:${pack(root, source, project)}`;
  }
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, dependencies }));
  writeFileSync(
    join(project, "hold.mjs"),
    `import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { verifyBackend } from "@neural-langevin/backend-testkit";
let held = 0;
for (const build of ${JSON.stringify(libraries.map(({ set }) => set))}) {
  const open = () => createCpuBackend({ build });
  try {
    await (await open()).close();
  } catch (error) {
    if (error.code !== "unavailable") throw error;
    console.log(build + ": not run, " + error.message);
    continue;
  }
  const { holds, outcomes, device } = await verifyBackend(open);
  for (const { key, outcome, reason } of outcomes) {
    if (outcome === "failed") console.log(build + ": " + key + " failed, " + reason);
  }
  if (!holds) process.exit(1);
  console.log(build + ": holds the contract, " + device.details[0]);
  held++;
}
if (held === 0) process.exitCode = 1;
`,
  );
  const shell = process.platform === "win32";
  const inherit = ["ignore", process.stderr, process.stderr];
  const flags = ["--prefer-offline", "--no-audit", "--no-fund", "--no-package-lock"];
  execFileSync("npm", ["install", ...flags], { cwd: project, shell, stdio: inherit });
  execFileSync(process.execPath, ["hold.mjs"], { cwd: project, stdio: inherit });
} finally {
  rmSync(project, { recursive: true });
}
process.stdout.write(`${target}\n`);
