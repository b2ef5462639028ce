// The processor time of a Langevin step of tfjs-node beside that of its two products, in turns in one process: what noise,
// tanh and sums add to what the library is for.
//
//   NLM_TFJS_NODE=$(node tooling/build-tfjs-node.mjs) node bench/tfjs-node.mjs
import { createRequire } from "node:module";
import { randomNetwork } from "@neural-langevin/core";
import { createTfjsBackend } from "../packages/backend-tfjs/dist/index.js";
import { printTurns } from "./turns.mjs";

const [units, chains, steps, rounds] = [784, 1000, 5, 30];
const folder = process.env.NLM_TFJS_NODE;
if (!folder) throw new Error("NLM_TFJS_NODE names no folder made by tooling/build-tfjs-node.mjs.");
const tf = createRequire(`${folder}/`)("@tensorflow/tfjs-node");

const backend = await createTfjsBackend({ tf });
const session = await backend.open({ units, chains, seed: 1 });
const { couplings } = randomNetwork({ units, gain: 2, seed: 1 });
session.write("couplings", couplings);
session.drawChains({ stream: 1, step: 0 });
const matrix = tf.tensor2d(couplings, [units, units]);
const transposed = tf.transpose(matrix);
const states = tf.randomNormal([chains, units]);

let firstStep = 0;
const run = async (temperature) => {
  session.advance({ dt: 0.01, temperature, integrator: "euler-maruyama", firstStep, steps });
  firstStep += steps;
  await session.synchronize();
};
await printTurns(
  {
    products() {
      for (let step = 0; step < steps; step++) {
        tf.tidy(() => void tf.matMul(tf.matMul(states, transposed), matrix));
      }
    },
    "a step without noise": () => run(0),
    "a step": () => run(1),
  },
  { steps, rounds },
);
await backend.close();
