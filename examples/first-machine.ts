// A first machine: it learns bars and stripes and then draws them.
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { createMachine } from "@neural-langevin/core";
import { barsAndStripes, draw, UNITS, validShare } from "./bars-and-stripes.js";

await using backend = await createCpuBackend();
await using machine = await createMachine(backend, { units: UNITS, chains: 256, seed: 1 });

const plan = { updates: 4000, dt: 0.03, learningRate: 3e-3, reportEvery: 1000 };
for await (const { update, dataEnergy, chainEnergy } of machine.train(barsAndStripes(), plan)) {
  console.log(
    `${update} updates: energy ${dataEnergy.toFixed(1)} of the data, ${chainEnergy.toFixed(1)} of the chains`,
  );
}

const samples = await machine.sample({ chains: 500, steps: 4000 });
console.log(
  `${Math.round(100 * validShare(samples))} % of 500 samples are bars or stripes; chance gives 0.05 %`,
);
console.log(draw(samples.subarray(0, UNITS)));
