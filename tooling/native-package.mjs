// Makes the optional package of this platform, @neural-langevin/native-PLATFORM: the libraries that the build
// of backend-cpu left in its native/ folder, for machines without a compiler. Its version is that of backend-cpu.
//
//   node tooling/native-package.mjs FOLDER     makes FOLDER/PLATFORM
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { root } from "./run.mjs";

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
const { version, license, engines } = JSON.parse(
  readFileSync(join(backend, "package.json"), "utf8"),
);
const { libraries } = JSON.parse(readFileSync(join(made, "libraries.json"), "utf8"));
const name = `@neural-langevin/native-${platform}`;
const sets = [...new Set(libraries.map(({ set }) => set))].join(", ");
const manifest = {
  name,
  version,
  description: `Native kernels (${sets}) of @neural-langevin/backend-cpu for ${platform}`,
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
process.stdout.write(`${target}\n`);
