// The processor time of a Langevin step of gpu.js's WebAssembly beside that of its kernels, in turns in one process: what
// the noise, the queue and new arrays add to what the library takes.
//
//   node bench/gpujs.mjs
import { randomNetwork } from "@neural-langevin/core";
import { Device } from "../packages/backend-gpujs/dist/device.js";
import { createGpuJsBackend } from "../packages/backend-gpujs/dist/index.js";
import * as kernels from "../packages/backend-gpujs/dist/kernels.js";
import { loadGpuJs } from "../packages/backend-gpujs/dist/library.js";
import { rowsOf } from "../packages/backend-gpujs/dist/slot.js";
import { printTurns } from "./turns.mjs";

const [units, chains, steps, rounds] = [784, 100, 1, 30];
const { couplings } = randomNetwork({ units, gain: 2, seed: 1 });

const backend = await createGpuJsBackend({ mode: "webasm" });
const session = await backend.open({ units, chains, seed: 1 });
session.write("couplings", couplings);
session.drawChains({ stream: 1, step: 0 });
const drawn = await session.read("chains");

let firstStep = 0;
const run = async (temperature) => {
  session.advance({ dt: 0.01, temperature, integrator: "euler-maruyama", firstStep, steps });
  firstStep += steps;
  await session.synchronize();
};

const device = new Device(await loadGpuJs(), "webasm");
const shape = { columns: units, rows: chains };
const square = { columns: units, rows: units };
const [rates, speeds, forces, step] = [
  kernels.firingRates,
  kernels.speeds,
  kernels.forces("tanh"),
  kernels.coldStep,
].map((source) => device.kernel(source, shape, { units }));
const matrix = rowsOf(couplings, square);
const transposed = device.kernel(kernels.transpose, square, { units }).run(matrix);
const [bias, free] = [0, 1].map((value) => [new Float32Array(units).fill(value)]);
let states = rowsOf(drawn, shape);

await printTurns(
  {
    kernels() {
      for (let n = 0; n < steps; n++) {
        const phi = rates.run(states);
        const v = speeds.run(matrix, bias, phi, states, chains);
        states = step.run(states, forces.run(transposed, phi, v), free, 0.01);
      }
    },
    "a step without noise": () => run(0),
    "a step": () => run(1),
  },
  { steps, rounds },
);
await backend.close();
await device.destroy();
