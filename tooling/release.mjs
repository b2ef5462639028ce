// Publishes what changesets has versioned: first the native packages, then everything else, with backend-cpu
// naming exactly those native packages as its optional dependencies. A clone does not name them, because it
// builds its own kernels and they may not be published yet.
//
//   node tooling/release.mjs FOLDER [--dry-run]     FOLDER holds one native package for each platform
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { root, run } from "./run.mjs";

const [folder, dry] = process.argv.slice(2);
const fail = (message) => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};
if (!folder) fail("Name the folder of the native packages.");

const file = join(root, "packages", "backend-cpu", "package.json");
const text = readFileSync(file, "utf8");
const backend = JSON.parse(text);
const generated = join(root, "packages", "backend-cpu", "src", "kernel.generated.ts");
const [, source] = readFileSync(generated, "utf8").match(/sourceHash = "(\w+)"/);

const natives = readdirSync(folder).map((platform) => resolve(folder, platform));
for (const native of natives) {
  const { name, version } = JSON.parse(readFileSync(join(native, "package.json"), "utf8"));
  const libraries = JSON.parse(readFileSync(join(native, "libraries.json"), "utf8"));
  if (version !== backend.version) fail(`${name} is ${version}, backend-cpu ${backend.version}.`);
  if (libraries.source !== source) fail(`${name} was made from another source.`);
  const { messages, pkg } = await publint({ pkgDir: native, pack: false, strict: true });
  if (messages.length > 0)
    fail(`${name}: ${messages.map((one) => formatMessage(one, pkg)).join("; ")}`);
  backend.optionalDependencies[name] = version;
  if (!dry) {
    const published = run(`npm view "${name}@${version}" version`, { capture: true });
    if (published.status === 0 && published.output.includes(version)) continue;
  }
  if (run(`npm publish "${native}" ${dry ?? ""}`).status !== 0) fail(`${name} was not published.`);
}
writeFileSync(file, `${JSON.stringify(backend, null, 2)}\n`);
try {
  process.exitCode = dry ? 0 : run("changeset publish").status;
} finally {
  writeFileSync(file, text);
}
