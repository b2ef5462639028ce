// Turns the changesets into versions and changelogs. Changesets follow the dependencies that a package installs; the
// lab also contains the packages that it is built from, so it gets a new version when one of them does.
//
//   node tooling/version.mjs
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./run.mjs";

const lab = "@neural-langevin/lab";
const report = ".changeset-status.json";

const runOrFail = (commandLine) => {
  if (run(commandLine).status !== 0) throw new Error(`${commandLine} failed.`);
};

runOrFail(`changeset status --output=${report}`);
const { releases } = JSON.parse(readFileSync(join(root, report), "utf8"));
rmSync(join(root, report));
const released = releases.filter(({ type }) => type !== "none").map(({ name }) => name);
const manifest = JSON.parse(readFileSync(join(root, "apps", "lab", "package.json"), "utf8"));
const contained = released.filter((name) => manifest.devDependencies[name]);
if (contained.length > 0 && !released.includes(lab)) {
  writeFileSync(
    join(root, ".changeset", "lab-contains.md"),
    `---\n"${lab}": patch\n---\n\nBuilt with the new versions of ${contained.sort().join(", ")}.\n`,
  );
}
runOrFail("changeset version");
// The lockfile names the versions that packages of the workspace ask of each other.
runOrFail("pnpm install --lockfile-only");
