// Runs the demo with several seeds, with label units on ten digits and without on three, and writes what was measured to
// docs/notes/demo-seeds.csv. A demo that is in the folder already is not run again.
//
//   node tooling/demo-seeds.mjs [--out runs/seeds] [--seeds 8] [--backend ID] [--threads N]
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root, run } from "./run.mjs";

const { values: options } = parseArgs({
  options: {
    out: { type: "string", default: "runs/seeds" },
    seeds: { type: "string", default: "8" },
    backend: { type: "string" },
    threads: { type: "string" },
  },
});
const tasks = {
  ten: [],
  three: ["--labels", "1,3,6", "--no-label-units"],
};
const device = ["backend", "threads"].flatMap((name) =>
  options[name] ? [`--${name}`, options[name]] : [],
);

if (run("node tooling/setup.mjs neural-langevin").status !== 0) process.exit(1);
const rows = [];
for (let seed = 1; seed <= Number(options.seeds); seed++) {
  for (const [task, flags] of Object.entries(tasks)) {
    const folder = join(options.out, `${task}-${seed}`);
    const summary = join(folder, "summary.json");
    if (!existsSync(summary)) {
      const command = ["demo", "--seed", seed, "--out", folder, "--overwrite", ...flags, ...device];
      const { status } = run(`node apps/cli/dist/main.js ${command.join(" ")}`);
      if (status !== 0) process.exit(1);
    }
    rows.push(...rowsOf(seed, JSON.parse(readFileSync(summary, "utf8"))));
  }
}
const columns = Object.keys(rows[0]);
const lines = rows.map((row) => columns.map((column) => row[column]).join(","));
writeFileSync(
  join(root, "docs/notes/demo-seeds.csv"),
  `${[columns.join(","), ...lines].join("\n")}\n`,
);

/** A row for the images that were asked for, and one for those that were dreamt freely. */
function rowsOf(seed, { settings, device, asked, free, accuracy }) {
  const digits = settings.labels?.join(" ") ?? "0 to 9";
  const row = (kind, measures, lowest) => ({
    task: digits,
    images: kind,
    seed,
    device: [device.label, ...device.details].join(" ").replaceAll(",", ""),
    legible: (measures.asked?.all ?? measures.legible).value.toFixed(3),
    legible_error: (measures.asked?.all ?? measures.legible).standardError.toFixed(3),
    lowest_digit: lowest.value.toFixed(3),
    lowest_error: lowest.standardError.toFixed(3),
    inverted: measures.inverted.value.toFixed(3),
    empty: measures.empty.value.toFixed(3),
    FID: measures.frechetDistance.value.toFixed(1),
    FID_error: measures.frechetDistance.standardError.toFixed(1),
    variance_within_digit: measures.varianceRatio.value.toFixed(2),
    nearest: measures.nearestRatio.value.toFixed(2),
    named_right: kind === "asked" ? accuracy.value.toFixed(3) : "",
  });
  const least = (shares) => Object.values(shares).sort((a, b) => a.value - b.value)[0];
  return [
    ...(asked ? [row("asked", asked, least(asked.asked.each))] : []),
    row("free", free, least(free.classShares)),
  ];
}
