// Runs the contract in a page on both kinds of WebGL, and leaves the outcomes where the test looks for them.
import { createGpuJsBackend } from "@neural-langevin/backend-gpujs";
import { verifyBackend } from "@neural-langevin/backend-testkit";
import { endurance } from "../endurance.js";

const globalBefore = globalThis.GPU;

async function run() {
  const chosen = await createGpuJsBackend();
  const { device } = chosen;
  await chosen.close();
  const keepsGlobal = globalThis.GPU === globalBefore;
  const results = {};
  for (const mode of ["webgl2", "webgl"]) {
    results[mode] = await verifyBackend(() => createGpuJsBackend({ mode })).then(
      async (verification) => ({ verification, counts: await endurance(mode) }),
      (error) => ({ code: error.code, message: error.message }),
    );
  }
  return { chosen: device, keepsGlobal, ...results };
}

globalThis.outcome = run();
