// Tempering: a machine that learned bars and stripes is cooled, so that a chain stays in the image where it fell. On a
// ladder of temperatures it warms up, leaves, and comes back cold in another one.
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import {
  createMachine,
  evenLadder,
  FRESH_CHAINS,
  langevin,
  temper,
  writeNetwork,
} from "@neural-langevin/core";
import { barsAndStripes, UNITS, validShare } from "./bars-and-stripes.js";

const LADDERS = 32;
const SWEEPS = 1000;
const STEPS = 20;
const dt = 0.03;

await using backend = await createCpuBackend();
await using machine = await createMachine(backend, { units: UNITS, chains: 256, seed: 1 });
const data = barsAndStripes();
for await (const _ of machine.train(data, { updates: 4000, dt, learningRate: 3e-3 }));

// From T = 0.01 to 1, at first in equal ratios.
let temperatures = Array.from({ length: 10 }, (_, rung) => 100 ** (rung / 9 - 1));
const chains = LADDERS * temperatures.length;
await using session = await backend.open({
  units: UNITS,
  chains,
  seed: 2,
  firstChain: FRESH_CHAINS,
});
writeNetwork(session, await machine.network());

const patternOf = (x: Float32Array) => Array.from(x, (current) => Number(current > 0)).join("");

/** Collects the images that cold chains come to, each chain's own. */
class Visits {
  readonly #seen = Array.from({ length: LADDERS }, () => new Set<string>());

  add(states: Float32Array): void {
    this.#seen.forEach((seen, row) => {
      const x = states.subarray(row * UNITS, (row + 1) * UNITS);
      if (validShare(x) === 1) seen.add(patternOf(x));
    });
  }

  toString(): string {
    const all = new Set(this.#seen.flatMap((seen) => [...seen]));
    const each = this.#seen.reduce((sum, seen) => sum + seen.size, 0) / LADDERS;
    return `in the second half of its steps a chain is in ${each.toFixed(1)} images, all together in ${all.size} of 30`;
  }
}

// Three short runs choose rungs that swap equally often.
for (let round = 0; round < 3; round++) {
  for await (const { swaps } of temper(session, { temperatures, sweeps: 100, steps: STEPS, dt })) {
    temperatures = evenLadder(temperatures, swaps);
  }
}

const tempered = new Visits();
const plan = { temperatures, sweeps: SWEEPS, steps: STEPS, dt, every: 10 };
for await (const { statesAt, swaps, done } of temper(session, plan)) {
  if (done > SWEEPS / 2) tempered.add(statesAt(0));
  if (done < SWEEPS) continue;
  const rates = Array.from(swaps.tried, (all, pair) => (swaps.accepted[pair]! / all).toFixed(2));
  console.log(`swaps accepted ${rates.join(" ")}, ${swaps.roundTrips} round trips`);
}
console.log(`tempered: ${tempered}`);

const plain = new Visits();
const stages = [{ steps: SWEEPS * STEPS, temperature: temperatures[0]! }];
for await (const { states, done } of langevin(session, {
  stages,
  dt,
  start: "fresh",
  every: 10 * STEPS,
})) {
  if (done > (SWEEPS / 2) * STEPS) plain.add(states);
}
console.log(`plain: ${plain}`);
