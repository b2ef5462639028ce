// Judges images that were asked for, equally many of each digit in order, beside the held-out images of a demo, and
// prints a line of CSV for each file.
//
//   node bench/anchors/judge.mjs RUN FILE.npy…
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { measureDigits, points } from "../../packages/analysis/dist/index.js";
import { parseNpy } from "../../packages/datasets/dist/index.js";
import { learnedDigits } from "../../packages/experiments/dist/index.js";
import { loadRunData, openRun } from "../../packages/runs/dist/node.js";

const MNIST = join(import.meta.dirname, "../../packages/mnist/data");
const [folder, ...files] = process.argv.slice(2);
if (files.length === 0) {
  console.error("Usage: node bench/anchors/judge.mjs RUN FILE.npy…");
  process.exit(2);
}
const run = await openRun(folder);
const data = await loadRunData(run, await run.readSettings(), { mnist: MNIST });
const real = learnedDigits(data);
const number = ({ value, standardError }) => `${value.toFixed(3)},${standardError.toFixed(3)}`;
console.log(
  "file,asked,asked_error,lowest,fid,fid_error,variance,variance_error,nearest,nearest_error",
);
for (const file of files) {
  const { values } = parseNpy(await readFile(file), file);
  const rates = Float32Array.from(values, (pixel) => 2 * pixel - 1);
  const count = rates.length / data.pixels;
  const labels = Array.from({ length: count }, (_, at) => Math.floor((at * 10) / count));
  const { asked, frechetDistance, varianceRatio, nearestRatio } = measureDigits(
    points(rates, data.pixels),
    real,
    labels,
  );
  const lowest = Math.min(...Object.values(asked.each).map(({ value }) => value)).toFixed(2);
  const rest = [frechetDistance, varianceRatio, nearestRatio].map(number).join();
  console.log(`${file},${number(asked.all)},${lowest},${rest}`);
}
