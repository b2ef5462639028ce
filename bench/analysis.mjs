// Seconds that the heavy functions of the analysis package take on one thread, at the paper's sizes.
//
//   node tooling/setup.mjs && node bench/analysis.mjs [POINTS]
import { cpus } from "node:os";
import {
  eigenvalues,
  nearestNeighbours,
  points,
  principalComponents,
} from "@neural-langevin/analysis";
import { chainNoise, randomNetwork } from "@neural-langevin/core";

const count = Number(process.argv[2] ?? 10_000);
const units = 784;

/** Independent states, the hardest case: all distances are nearly equal. */
const noise = (chain) =>
  points(
    Float32Array.from(chainNoise({ seed: 1, stream: 0, step: 0 }, chain, count * units), Math.tanh),
    units,
  );

/** States along one path, each near its predecessor. */
const path = (chain) =>
  points(
    noise(chain).values.map((value, at) =>
      Math.tanh(Math.sin(0.001 * Math.floor(at / units) + (at % units)) + 0.03 * value),
    ),
    units,
  );

function measure(name, work) {
  const start = performance.now();
  work();
  console.log(`${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s  ${name}`);
}

console.log(`${cpus()[0]?.model.trim()}, Node ${process.versions.node}, ${count} points`);
for (const [name, states] of Object.entries({ noise, path })) {
  const [queries, references] = [states(0), states(1)];
  measure(`two nearest neighbours, ${name}`, () => nearestNeighbours(queries, references, 2));
}
const states = path(0);
measure("three principal components", () => principalComponents(states, 3));
const { couplings } = randomNetwork({ units, gain: 2, seed: 1 });
measure(`eigenvalues of ${units} units`, () => eigenvalues(couplings));
