// Couplings inferred from activity: a planted machine of 60 units with asymmetric couplings makes recordings, another one
// learns them, and its couplings are held against the truth, over the number of samples. At strong activity all of J comes
// out; at weak activity it does up to a rotation of the speed v alone (identifiability.ts says why). Every seed is another
// planted machine, with recordings and a training of its own.
//
//   node --import tsx recordings/recordings.ts [FOLDER] [--quick]
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatEstimate, meanEstimate } from "@neural-langevin/analysis";
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import {
  type Backend,
  chainNoise,
  createMachine,
  FRESH_CHAINS,
  langevin,
  type Network,
  randomNetwork,
  streams,
  writeNetwork,
} from "@neural-langevin/core";
import { encodeNpy } from "@neural-langevin/datasets";
import { curves } from "@neural-langevin/figures";
import { distanceUpToRotation, informationRatio, norm, partOf } from "./identifiability.js";

const UNITS = 60;
const DT = 0.05;

/** How much of everything there is; `--quick` shows the way in seconds. */
const scales = {
  whole: {
    seeds: [1, 2, 3, 4],
    samples: [300, 1000, 3000, 10_000, 30_000],
    updates: 3000,
    chains: 1000,
    burnIn: 6000,
  },
  quick: { seeds: [1], samples: [300, 3000], updates: 300, chains: 300, burnIn: 1000 },
};
type Scale = (typeof scales)["whole"];

/** The same couplings at two temperatures: one at which tanh bends, and one at which it hardly does. */
const conditions = [
  { name: "strong activity", temperature: 1 },
  { name: "weak activity", temperature: 0.03 },
] as const;

/** One row of the report: relative errors ‖ΔJ‖/‖J‖ of the whole of J and of parts of it. */
interface Row {
  readonly condition: string;
  readonly temperature: number;
  readonly seed: number;
  readonly samples: number;
  readonly whole: number;
  readonly symmetric: number;
  readonly antisymmetric: number;
  /** What is left of the whole error when v may be rotated. */
  readonly upToRotation: number;
}

type Part = "whole" | "symmetric" | "antisymmetric" | "upToRotation";

/** Couplings without symmetry, J_ij ~ N(0, g²/N) with g = 0.8, and biases of both signs. */
function plantedNetwork(seed: number): Network {
  const { couplings } = randomNetwork({ units: UNITS, gain: 0.8, seed });
  const bias = Float32Array.from(
    chainNoise({ seed, stream: streams.parameters, step: 1 }, 0, UNITS),
    (noise) => 0.2 * noise,
  );
  return { units: UNITS, couplings, bias };
}

/** Activity of the planted machine in equilibrium, x of shape [samples][N]. */
async function record(
  backend: Backend,
  network: Network,
  temperature: number,
  samples: number,
  seed: number,
  { chains, burnIn }: Scale,
): Promise<Float32Array> {
  await using session = await backend.open({
    units: UNITS,
    chains,
    firstChain: FRESH_CHAINS,
    seed,
  });
  writeNetwork(session, network);
  const states = new Float32Array(samples * UNITS);
  const frames = Math.ceil(samples / chains);
  // Between two frames lie 15 units of time, many times the time in which activity forgets itself.
  const every = 300;
  const stages = [{ steps: burnIn + frames * every, temperature }];
  const at = Array.from({ length: frames }, (_, frame) => burnIn + (frame + 1) * every);
  let filled = 0;
  for await (const { states: x } of langevin(session, { stages, dt: DT, start: "fresh", at })) {
    const part = x.subarray(0, Math.min(x.length, states.length - filled));
    states.set(part, filled);
    filled += part.length;
  }
  return states;
}

/** Couplings that a machine without any learns from recordings, the mean over the last half of its training. */
async function infer(
  backend: Backend,
  states: Float32Array,
  temperature: number,
  seed: number,
  { updates, chains }: Scale,
): Promise<Float32Array> {
  const batch = Math.min(1000, states.length / UNITS);
  await using machine = await createMachine(backend, {
    units: UNITS,
    gain: 0,
    chains,
    batch,
    seed,
  });
  const plan = {
    updates,
    temperature,
    dt: DT,
    learningRate: 0.01,
    decay: 0,
    schedule: { kind: "linear", warmUp: 0 },
    averageFrom: 0.7,
  } as const;
  for await (const _ of machine.train(states, { ...plan, reportEvery: updates }));
  return (await machine.network()).couplings;
}

function compare(found: Float32Array, network: Network) {
  const truth = network.couplings;
  const error = Float64Array.from(found, (value, at) => value - truth[at]!);
  const relative = (sign: 1 | -1) =>
    norm(partOf(error, UNITS, sign)) / norm(partOf(truth, UNITS, sign));
  return {
    whole: norm(error) / norm(truth),
    symmetric: relative(1),
    antisymmetric: relative(-1),
    upToRotation: distanceUpToRotation(found, truth, UNITS) / norm(truth),
  };
}

const folder = process.argv.slice(2).find((one) => !one.startsWith("--")) ?? "recordings-out";
const scale = process.argv.includes("--quick") ? scales.quick : scales.whole;
await mkdir(folder, { recursive: true });
await using backend = await createCpuBackend();
const rows: Row[] = [];
for (const { name, temperature } of conditions) {
  const most = Math.max(...scale.samples);
  const information: ReturnType<typeof informationRatio>[] = [];
  for (const seed of scale.seeds) {
    // Noise of one seed is the same noise wherever it is asked for: what plants, records and learns has seeds of its own.
    const seeds = { planted: 10 * seed + 1, recorded: 10 * seed + 2, learned: 10 * seed + 3 };
    const network = plantedNetwork(seeds.planted);
    const states = await record(backend, network, temperature, most, seeds.recorded, scale);
    const file = `${name.replace(" ", "-")}-${seed}.npy`;
    await writeFile(join(folder, file), encodeNpy(states, [most, UNITS]));
    information.push(informationRatio(network, states, temperature));
    for (const samples of scale.samples) {
      const some = states.subarray(0, samples * UNITS);
      const found = await infer(backend, some, temperature, seeds.learned, scale);
      rows.push({ condition: name, temperature, seed, samples, ...compare(found, network) });
    }
  }
  const told = (part: "rotation" | "any") =>
    formatEstimate(meanEstimate(information.map((one) => one[part])));
  console.log(
    `${name} (T = ${temperature}): one sample tells ${told("rotation")} of a rotation of v, ` +
      `${told("any")} of any change of J`,
  );
  for (const samples of scale.samples) {
    const error = (part: Part) => formatEstimate(errorOf(name, samples, part));
    console.log(
      `${String(samples).padStart(6)} samples: J ${error("whole")}, symmetric ${error("symmetric")}, ` +
        `antisymmetric ${error("antisymmetric")}, up to a rotation of v ${error("upToRotation")}`,
    );
  }
}
const names = Object.keys(rows[0]!) as (keyof Row)[];
const lines = rows.map((row) => names.map((one) => row[one]).join(","));
await writeFile(join(folder, "recordings.csv"), `${[names.join(","), ...lines].join("\n")}\n`);
const plots = conditions.map(({ name, temperature }) => ({
  title: `Relative error of J at ${name}, T = ${temperature}`,
  logarithmic: true,
  series: (
    [
      ["J", "whole"],
      ["J up to a rotation of v", "upToRotation"],
    ] as const
  ).map(([title, part]) => {
    const errors = scale.samples.map((samples) => errorOf(name, samples, part));
    const sides = {
      low: errors.map(({ value, standardError }) => value - standardError),
      high: errors.map(({ value, standardError }) => value + standardError),
    };
    return {
      name: title,
      x: scale.samples,
      y: errors.map(({ value }) => value),
      ...(scale.seeds.length > 1 ? { ...sides, bars: true } : {}),
    };
  }),
}));
await writeFile(
  join(folder, "recordings.svg"),
  curves({ xTitle: "samples", xLogarithmic: true, plots }),
);
console.log(`Wrote recordings.csv, recordings.svg and the recordings to ${folder}.`);

/** The mean over the seeds of an error, with its standard error. */
function errorOf(condition: string, samples: number, part: Part) {
  const own = rows.filter((row) => row.condition === condition && row.samples === samples);
  return meanEstimate(own.map((row) => row[part]));
}
