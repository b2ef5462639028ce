// What tempering is for: a machine that learned four kinds of images, whose chains never leave the kind in which they
// begin. How much each kind weighs is then known to a ladder of temperatures alone: when the machine is sampled, and when
// it learns. Trained once with plain chains and once with tempered ones, it is sampled in both ways. Ladders are right where
// those that begin in different kinds come to the same weights.
//
//   node --import tsx tempering/classes.ts [FOLDER] [--quick]
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import {
  type Backend,
  chainNoise,
  createMachine,
  evenLadder,
  FRESH_CHAINS,
  langevin,
  type NegativePhase,
  type Network,
  temper,
  writeNetwork,
} from "@neural-langevin/core";

const SIDE = 8;
const UNITS = SIDE * SIDE;
/** How often each kind is among the images. */
const SHARES = [0.4, 0.3, 0.2, 0.1];
const IMAGES = 2000;
const DT = 0.03;
/** From the temperature of the machine to one at which no kind is left, in equal ratios. */
const LADDER = Array.from({ length: 14 }, (_, rung) => 20 ** (rung / 13));

/** How much of everything there is; `--quick` shows the way in seconds. */
const scale = process.argv.includes("--quick")
  ? { updates: 300, chains: 40, sweeps: 300 }
  : { updates: 6000, chains: 100, sweeps: 12000 };
/** Langevin steps between two looks at the chains, or two rounds of swaps. */
const STEPS = 10;
const CHAINS = 32;

/** Sign of a pixel of a kind: white and black halves across, down, in quarters, and in stripes. */
const signOf = (kind: number, pixel: number): number => {
  const [row, column] = [Math.floor(pixel / SIDE), pixel % SIDE];
  const [lower, right] = [row >= SIDE / 2, column >= SIDE / 2];
  return [lower, right, lower !== right, column % 2 === 1][kind] ? -1 : 1;
};
const kinds = SHARES.map((_, kind) =>
  Float32Array.from({ length: UNITS }, (_, pixel) => signOf(kind, pixel)),
);

/** Images: ±1.5 and noise of 0.3, shape [IMAGES][UNITS]. */
function makeImages(): Float32Array {
  const noise = chainNoise({ seed: 4, stream: 9, step: 0 }, 0, IMAGES * UNITS);
  const ends = SHARES.map((_, kind) => SHARES.slice(0, kind + 1).reduce((sum, one) => sum + one));
  return Float32Array.from(noise, (z, at) => {
    const kind = ends.findIndex((end) => Math.floor(at / UNITS) < end * IMAGES - 1e-9);
    return 1.5 * kinds[kind]![at % UNITS]! + 0.3 * z;
  });
}

/** The kind that a state is most like; −1 where fewer than three quarters of the pixels fit any. */
function kindOf(states: Float32Array, row: number): number {
  const fits = kinds.map((signs) =>
    signs.reduce((sum, sign, unit) => sum + sign * Math.sign(states[row * UNITS + unit]!), 0),
  );
  const best = Math.max(...fits);
  return best < UNITS / 2 ? -1 : fits.indexOf(best);
}

/** Mean and standard error over independent chains. */
function meanOf(values: readonly number[]): { mean: number; error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: Math.sqrt(square / (values.length - 1) / values.length) };
}

/** What chains were seen to do, each by itself. */
class Watch {
  readonly #last: number[] = Array(CHAINS).fill(-1);
  readonly #switches: number[] = Array(CHAINS).fill(0);
  readonly #visits = Array.from({ length: CHAINS }, () => SHARES.map(() => 0));

  /** Looks at states, shape [CHAINS][UNITS]; those that are of no kind are on their way. */
  look(states: Float32Array): void {
    for (let chain = 0; chain < CHAINS; chain++) {
      const kind = kindOf(states, chain);
      if (kind < 0) continue;
      this.#visits[chain]![kind]!++;
      if (this.#last[chain] !== -1 && this.#last[chain] !== kind) this.#switches[chain]!++;
      this.#last[chain] = kind;
    }
  }

  report(looks: number) {
    const perThousand = 1000 / (looks * STEPS);
    const seen = this.#visits.map((visits) => visits.filter((count) => count > 0).length);
    const shares = SHARES.map((_, kind) =>
      meanOf(this.#visits.map((visits) => visits[kind]! / looks)),
    );
    return {
      switches: meanOf(this.#switches.map((count) => count * perThousand)),
      seen: meanOf(seen),
      shares,
    };
  }
}

/** A machine that learned the images. */
async function learn(backend: Backend, negativePhase: NegativePhase): Promise<Network> {
  const { chains, updates } = scale;
  const spec = { units: UNITS, gain: 0, chains, batch: 200, seed: 1 };
  await using machine = await createMachine(backend, spec);
  // Weights of kinds fluctuate as the chains of a training do, so J and b are averaged over its second half.
  const plan = {
    updates,
    dt: DT,
    learningRate: 2.5e-3,
    schedule: { kind: "constant" },
    averageFrom: 0.5,
    negativePhase,
  } as const;
  for await (const _ of machine.train(makeImages(), plan));
  return await machine.network();
}

/**
 * Watches cold chains of a machine over the second half of their steps: plain ones that begin at N(0, 1), or those on the
 * lowest rung of ladders whose chains all begin in one kind.
 */
async function watch(backend: Backend, network: Network, start: number | undefined) {
  const chains = start === undefined ? CHAINS : CHAINS * LADDER.length;
  const spec = { units: UNITS, chains, firstChain: FRESH_CHAINS, seed: 2 };
  await using session = await backend.open(spec);
  writeNetwork(session, network);
  const seen = new Watch();
  const settled = scale.sweeps / 2;
  if (start === undefined) {
    const stages = [{ steps: scale.sweeps * STEPS, temperature: LADDER[0]! }];
    for await (const { states, done } of langevin(session, { stages, dt: DT, every: STEPS })) {
      if (done > settled * STEPS) seen.look(states);
    }
    return { ...seen.report(scale.sweeps - settled), roundTrips: 0 };
  }
  let temperatures = LADDER;
  for (let round = 0; round < 3; round++) {
    const pilot = { temperatures, sweeps: 100, steps: STEPS, dt: DT };
    for await (const { swaps } of temper(session, pilot)) {
      temperatures = evenLadder(temperatures, swaps);
    }
  }
  const plan = {
    temperatures,
    sweeps: scale.sweeps,
    steps: STEPS,
    dt: DT,
    every: 1,
    start: Float32Array.from(
      { length: chains * UNITS },
      (_, at) => 1.5 * kinds[start]![at % UNITS]!,
    ),
  };
  let roundTrips = 0;
  for await (const { statesAt, swaps, done } of temper(session, plan)) {
    if (done > settled) seen.look(statesAt(0));
    roundTrips = swaps.roundTrips / CHAINS;
  }
  return { ...seen.report(scale.sweeps - settled), roundTrips };
}

const folder = process.argv.slice(2).find((one) => !one.startsWith("--")) ?? "tempering-out";
await mkdir(folder, { recursive: true });
await using backend = await createCpuBackend();
const phases: Readonly<Record<string, NegativePhase>> = {
  "pcd-10": { kind: "persistent", steps: STEPS },
  "tempering-10": { kind: "tempering", steps: STEPS, temperatures: LADDER },
};
const names = SHARES.flatMap((_, kind) => [`share_${kind + 1}`, `share_${kind + 1}_error`]);
const lines = [
  [
    "training,sampling,switches_per_1000_steps,switches_error,kinds_per_chain,round_trips_per_ladder",
    ...names,
  ].join(","),
];
for (const [training, phase] of Object.entries(phases)) {
  const network = await learn(backend, phase);
  for (const start of [undefined, 0, SHARES.length - 1]) {
    const sampling = start === undefined ? "plain" : `tempered from kind ${start + 1}`;
    const seen = await watch(backend, network, start);
    const numbers = [
      seen.switches.mean,
      seen.switches.error,
      seen.seen.mean,
      seen.roundTrips,
      ...seen.shares.flatMap(({ mean, error }) => [mean, error]),
    ];
    lines.push([training, sampling, ...numbers.map((one) => one.toPrecision(3))].join(","));
    const shares = seen.shares.map(({ mean, error }) => `${mean.toFixed(3)} ± ${error.toFixed(3)}`);
    console.log(
      `${training}, ${sampling}: ${seen.switches.mean.toPrecision(2)} switches in 1000 steps, ` +
        `${seen.seen.mean.toFixed(1)} of ${SHARES.length} kinds in a chain, ${seen.roundTrips.toFixed(0)} round trips ` +
        `of a ladder, shares ${shares.join(", ")}`,
    );
  }
}
await writeFile(join(folder, "tempering.csv"), `${lines.join("\n")}\n`);
console.log(`The images have the shares ${SHARES.join(", ")}. Wrote tempering.csv to ${folder}.`);
