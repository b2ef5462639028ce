// A machine in a page: it learns bars and stripes on workers of the browser, then its chains draw into a canvas.
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { createMachine } from "@neural-langevin/core";
import { barsAndStripes, SIDE, UNITS, validShare } from "../bars-and-stripes.js";

const status = document.querySelector("#status")!;
const canvas = document.querySelector("canvas")!.getContext("2d")!;
/** Chains on one side of the square that is drawn. */
const ACROSS = 4;

function show(states: Float32Array): void {
  states.forEach((x, at) => {
    const [chain, unit] = [Math.floor(at / UNITS), at % UNITS];
    const column = (chain % ACROSS) * SIDE + (unit % SIDE);
    const row = Math.floor(chain / ACROSS) * SIDE + Math.floor(unit / SIDE);
    const grey = Math.round((255 * (Math.tanh(x) + 1)) / 2);
    canvas.fillStyle = `rgb(${grey} ${grey} ${grey})`;
    canvas.fillRect(column, row, 1, 1);
  });
}

async function main(): Promise<{ updates: number; valid: number }> {
  const backend = await createCpuBackend();
  const machine = await createMachine(backend, { units: UNITS, chains: 256, seed: 1 });
  const plan = { updates: 4000, dt: 0.03, learningRate: 3e-3, reportEvery: 100 };
  for await (const { update } of machine.train(barsAndStripes(), plan)) {
    status.textContent = `Training: ${update} of ${plan.updates} updates`;
  }
  const frames = machine.langevin({ chains: ACROSS ** 2, steps: 4000, every: 100 });
  let valid = 0;
  for await (const { states } of frames) {
    show(states);
    valid = validShare(states);
  }
  status.textContent = `${backend.device.label}: ${Math.round(100 * valid)} % of the chains show bars or stripes`;
  await backend.close();
  return { updates: machine.updates, valid };
}

// A page shows its errors; whoever drives the page can wait for the outcome.
const outcome = main();
outcome.catch((error: Error) => {
  status.textContent = error.message;
});
Object.assign(globalThis, { outcome });
