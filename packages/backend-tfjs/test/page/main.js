// Runs the contract in a page on each platform of a browser and leaves the outcomes where the test looks for them.

import { verifyBackend } from "@neural-langevin/backend-testkit";
import { createTfjsBackend } from "@neural-langevin/backend-tfjs";
import { randomNetwork } from "@neural-langevin/core";
import plain from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import simd from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import * as tf from "@tensorflow/tfjs-core";

const wasmPaths = { "tfjs-backend-wasm-simd.wasm": simd, "tfjs-backend-wasm.wasm": plain };

/** Tensors before, after 20 and 40 steps, and after closing. */
async function countTensors(platform) {
  const backend = await createTfjsBackend({ platform, wasmPaths });
  const counts = [tf.memory().numTensors];
  const session = await backend.open({ units: 13, chains: 5, batch: 3, seed: 1 });
  session.write("couplings", randomNetwork({ units: 13, gain: 2, seed: 1 }).couplings);
  session.write("batch", new Float32Array(39).fill(0.5));
  for (let update = 1; update <= 2; update++) {
    const firstStep = 20 * update;
    const integrator = "leimkuhler-matthews";
    session.advance({ firstStep, steps: 20, dt: 0.05, temperature: 1, integrator });
    session.accumulate("batch", 1);
    session.accumulate("chains", -1);
    session.update({ optimizer: { kind: "adam" }, learningRate: 0.01, temperature: 1, update });
    await session.measure("virial", "chains");
    counts.push(tf.memory().numTensors);
  }
  await session.close();
  counts.push(tf.memory().numTensors);
  await backend.close();
  return counts;
}

/** How many chains of 17 come out with other bits when they are computed one, two, or all at a time. */
async function countSplitDifferences(platform, units) {
  const backend = await createTfjsBackend({ platform, wasmPaths });
  const { couplings } = randomNetwork({ units, gain: 2, seed: 1 });
  const integrator = "leimkuhler-matthews";
  const states = async (firstChain, chains) => {
    const session = await backend.open({ units, chains, firstChain, seed: 3 });
    session.write("couplings", couplings);
    session.drawChains({ stream: 1, step: 0 });
    session.advance({ firstStep: 0, steps: 2, dt: 0.05, temperature: 1, integrator });
    const x = await session.read("chains");
    await session.close();
    return x;
  };
  const whole = await states(0, 17);
  const differences = {};
  for (const [first, chains] of [
    [5, 1],
    [3, 2],
    [8, 9],
  ]) {
    const part = await states(first, chains);
    const same = part.filter((value, at) => Object.is(value, whole[first * units + at])).length;
    differences[chains] = part.length - same;
  }
  await backend.close();
  return differences;
}

async function outcomes() {
  const found = {};
  for (const platform of ["webgl", "webgpu", "wasm"]) {
    const create = () => createTfjsBackend({ platform, wasmPaths });
    const start = performance.now();
    try {
      const verification = await verifyBackend(create);
      found[platform] = {
        verification,
        tensors: await countTensors(platform),
        split: [
          await countSplitDifferences(platform, 40),
          await countSplitDifferences(platform, 1101),
        ],
        seconds: (performance.now() - start) / 1000,
      };
    } catch (error) {
      found[platform] = { error: String(error), remedy: error.remedy };
    }
  }
  const { device } = await createTfjsBackend();
  return { ...found, chosen: device };
}

globalThis.outcome = outcomes();
