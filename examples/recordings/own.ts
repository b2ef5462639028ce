// Couplings of recordings of one's own: a table with a line of names, a row for each moment and a column for each
// channel. A machine learns them, its correlations are held against moments that it never saw, and its couplings go to a
// CSV file with the names of the channels.
//
//   node --import tsx recordings/own.ts FILE.csv [COUPLINGS.csv]
import { writeFile } from "node:fs/promises";
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { type Network, sample, writeNetwork } from "@neural-langevin/core";
import { inspectSamples, isImageSet } from "@neural-langevin/datasets";
import { loadSamples } from "@neural-langevin/datasets/node";
import { completeSettings, prepareData, sessionOf, trainRun } from "@neural-langevin/runs";
import { informationRatio } from "./identifiability.js";

const [file, out = "couplings.csv"] = process.argv.slice(2);
if (!file) throw new Error("Name a table: node --import tsx recordings/own.ts FILE.csv");
const set = await loadSamples(file, { numbers: "real" });
if (isImageSet(set)) throw new Error(`${file} holds images.`);
const { constant, scales } = inspectSamples(set);
console.log(
  `${set.count} moments of ${set.shape[0]} channels, scales up to ${scales.toFixed(0)} times apart`,
);
if (constant.length > 0) console.log(`channels that never change: ${constant.join(", ")}`);

const settings = completeSettings({
  encoding: "z-score",
  "held-out": Math.floor(set.count / 4),
  gain: 0,
  chains: 1000,
  batch: 1000,
  updates: 3000,
  "step-size": 0.05,
  rate: 0.005,
  decay: 0.02,
  "average-from": 0.7,
});
const data = await prepareData(set, settings);
await using backend = await createCpuBackend();
await using session = await backend.open(sessionOf(settings, data));
const sink = { addMetrics() {}, writeCheckpoint() {}, setState() {} };
for await (const _ of trainRun({ session, settings, data, sink, reportEvery: 1000 }));

// The averages over the last updates are what was learned; chains that follow them are the model's activity.
const averages = await session.read("averages");
const { units } = data;
const network: Network = {
  units,
  couplings: averages.slice(0, units * units),
  bias: averages.slice(units * units),
};
writeNetwork(session, network);
const activity = await sample(session, { stages: [{ steps: 4000, temperature: 1 }], dt: 0.05 });
const model = correlations(activity, units);
const heldOut = correlations(data.encoding.encode(data.heldOut.values), units);
const learned = correlations(data.states, units);
console.log(
  `correlations of channels: model and held-out moments agree to ${agreement(model, heldOut).toFixed(2)}, ` +
    `learned and held-out ones to ${agreement(learned, heldOut).toFixed(2)}`,
);
const { rotation, any } = informationRatio(network, data.states, 1);
console.log(
  `one moment tells ${rotation.toPrecision(2)} of a rotation of v, ${any.toPrecision(2)} of any change of J`,
);
const names = set.columns ?? Array.from({ length: units }, (_, at) => `channel ${at}`);
const rows = names.map((name, i) => [
  JSON.stringify(name),
  ...network.couplings.slice(i * units, (i + 1) * units),
]);
const head = ["to \\ from", ...names].map((name) => JSON.stringify(name));
await writeFile(out, `${[head, ...rows].map((row) => row.join(",")).join("\n")}\n`);
console.log(`Wrote the couplings to ${out}.`);

/** Correlations of all pairs of units, above the diagonal. */
function correlations(states: Float32Array, units: number): number[] {
  const count = states.length / units;
  const mean = new Float64Array(units);
  states.forEach((x, at) => {
    mean[at % units]! += x / count;
  });
  const product = (i: number, j: number) => {
    let sum = 0;
    for (let row = 0; row < states.length; row += units) {
      sum += (states[row + i]! - mean[i]!) * (states[row + j]! - mean[j]!);
    }
    return sum / count;
  };
  const own = Array.from(mean, (_, i) => Math.sqrt(product(i, i)));
  return own.flatMap((first, i) =>
    own.slice(i + 1).map((second, at) => product(i, i + 1 + at) / (first * second)),
  );
}

/** The correlation of two lists of numbers. */
function agreement(first: readonly number[], second: readonly number[]): number {
  const pairs = Float32Array.from(first.flatMap((value, at) => [value, second[at]!]));
  return correlations(pairs, 2)[0]!;
}
