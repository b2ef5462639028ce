// Conditional sampling: some units are pinned to what is known, and the rest samples p(rest | known). Here the first row
// of an image is known and the machine completes it.
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { createMachine } from "@neural-langevin/core";
import { barsAndStripes, draw, SIDE, UNITS } from "./bars-and-stripes.js";

const CHAINS = 200;

await using backend = await createCpuBackend();
await using machine = await createMachine(backend, { units: UNITS, chains: 256, seed: 1 });
const plan = { updates: 4000, dt: 0.03, learningRate: 3e-3 };
for await (const _ of machine.train(barsAndStripes(), plan));

// The known row: white, black, white, black. Only a standing stripe image begins like this.
const known = [1.5, -1.5, 1.5, -1.5];
const pinned = new Uint8Array(UNITS).fill(1, 0, SIDE);
const start = new Float32Array(CHAINS * UNITS);
for (let chain = 0; chain < CHAINS; chain++) start.set(known, chain * UNITS);
const samples = await machine.sample({ start, pinned, steps: 4000 });

let completed = 0;
for (let chain = 0; chain < CHAINS; chain++) {
  const state = samples.subarray(chain * UNITS, (chain + 1) * UNITS);
  if (state.every((x, unit) => x > 0 === known[unit % SIDE]! > 0)) completed++;
}
console.log(draw(samples.subarray(0, UNITS)));
console.log(
  `${Math.round((100 * completed) / CHAINS)} % of ${CHAINS} chains continue the row downwards`,
);
