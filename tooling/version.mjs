// Turns the changesets into versions and changelogs. Changesets follow the dependencies that a package installs; two things
// they cannot know. The lab also contains the packages that it is built from, so it gets a new version when one of them
// does. And packages ask for the core that they were tested with: after a minor version of core below 1.0.0 they
// get a minor version that asks for it, where changesets would make it a major one.
//
//   node tooling/version.mjs
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./run.mjs";
import { publishedPackages } from "./src/packages.mjs";

const core = "@neural-langevin/core";
const lab = "@neural-langevin/lab";
const report = ".changeset-status.json";

const runOrFail = (commandLine) => {
  if (run(commandLine).status !== 0) throw new Error(`${commandLine} failed.`);
};
const addChangeset = (file, names, kind, sentence) => {
  if (names.length === 0) return;
  const lines = names.map((name) => `"${name}": ${kind}\n`).join("");
  writeFileSync(join(root, ".changeset", file), `---\n${lines}---\n\n${sentence}\n`);
};

/** What changesets would release. */
function plannedReleases() {
  runOrFail(`changeset status --output=${report}`);
  const { releases } = JSON.parse(readFileSync(join(root, report), "utf8"));
  rmSync(join(root, report));
  return releases.filter(({ type }) => type !== "none");
}

// For changesets, every core below 1.0.0 is the peer that is asked for.
const texts = new Map();
for (const { folder, manifest } of publishedPackages(root).values()) {
  if (manifest.peerDependencies?.[core] !== "workspace:^") continue;
  const file = join(folder, "package.json");
  const text = readFileSync(file, "utf8");
  texts.set(manifest.name, { file, text });
  manifest.peerDependencies[core] = ">=0.0.0 <1.0.0";
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
}
try {
  const planned = new Map(plannedReleases().map((release) => [release.name, release]));
  const newCore = planned.get(core);
  if (newCore?.type === "minor" && newCore.newVersion.startsWith("0.")) {
    const isLess = (name) => [undefined, "patch"].includes(planned.get(name)?.type);
    const sentence = `Asks for ${core} ${newCore.newVersion}.`;
    addChangeset("core-is-a-peer.md", [...texts.keys()].filter(isLess).sort(), "minor", sentence);
  }
  const released = plannedReleases().map(({ name }) => name);
  const contained = JSON.parse(readFileSync(join(root, "apps", "lab", "package.json"), "utf8"));
  const built = released.filter((name) => contained.devDependencies[name]).sort();
  if (built.length > 0 && !released.includes(lab)) {
    const sentence = `Built with the new versions of ${built.join(", ")}.`;
    addChangeset("lab-contains.md", [lab], "patch", sentence);
  }
  runOrFail("changeset version");
} finally {
  for (const { file, text } of texts.values()) {
    const { version } = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, text.replace(/"version": "[^"]*"/, `"version": "${version}"`));
  }
}
// The lockfile names the versions that packages of the workspace ask of each other.
runOrFail("pnpm install --lockfile-only");
