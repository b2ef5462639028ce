// `npm run torture`: what runs and readers are put through, and what of it fails. Everything random comes from the seed.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, release } from "node:os";
import { fileURLToPath } from "node:url";
import { positive, readOptions, someOf } from "../src/options.mjs";
import { faults } from "./faults.mjs";
import { fuzz } from "./fuzz.mjs";
import { kills } from "./kills.mjs";
import { renew, sectionsOf } from "./report.mjs";
import { soak } from "./soak.mjs";
import { writers } from "./writers.mjs";

const usage = `npm run torture -- [options]

  --share 0.1         a tenth of the kills, faults, damaged files and runs
  --soak 20           seconds of long use (3600)
  --only kills,fuzz   some of: kills, faults, fuzz, writers, soak
  --seed 2            seed of all that is random (1)
  --write             renews their sections of docs/reliability.md
`;

const { values: options } = readOptions(usage, {
  share: { type: "string", default: "1" },
  soak: { type: "string", default: "3600" },
  only: { type: "string", default: "kills,faults,fuzz,writers,soak" },
  seed: { type: "string", default: "1" },
  write: { type: "boolean", default: false },
});
const [share, soakSeconds, seed] = ["share", "soak", "seed"].map((name) => positive(options, name));
const tell = (line) => process.stderr.write(`  ${line}\n`);
const amount = (whole) => Math.max(1, Math.round(whole * share));

const trials = {
  kills: () => kills({ count: amount(200), seed, tell }),
  faults: () => faults({ share: Math.min(1, share), seed, tell }),
  fuzz: () => fuzz({ count: amount(100_000), seed, tell }),
  writers: () => writers({ rounds: amount(200), tell }),
  soak: () => soak({ seconds: soakSeconds, tell }),
};

const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
const threads = availableParallelism();
const device = [
  `${cpus()[0].model}, ${threads} ${threads === 1 ? "thread" : "threads"}`,
  `${process.platform} ${release().split("-")[0]}`,
  `Node ${process.versions.node}`,
].join(", ");

/** How figures were made, and of what. */
function origin(name) {
  const extent = name === "soak" ? `--soak ${soakSeconds}` : `--share ${share} --seed ${seed}`;
  const date = new Date().toISOString().slice(0, 10);
  return `Made by \`npm run torture -- --only ${name} ${extent}\` on ${date}, of ${commit}, on ${device}.`;
}

const results = {};
for (const name of someOf(options, "only", Object.keys(trials))) {
  process.stderr.write(`${name}\n`);
  const began = performance.now();
  const result = await trials[name]();
  const seconds = (performance.now() - began) / 1000;
  results[name] = { ...result, seconds, made: origin(name) };
  for (const failure of result.failures) process.stderr.write(`  FAILED ${failure}\n`);
}
const texts = sectionsOf(results);
process.stdout.write(texts.join("\n"));
if (options.write) {
  const page = fileURLToPath(new URL("../../docs/reliability.md", import.meta.url));
  writeFileSync(page, renew(readFileSync(page, "utf8"), texts));
}
process.exitCode = Object.values(results).some(({ failures }) => failures.length > 0) ? 1 : 0;
