// WebGPU as browsers have it.
import { LangevinError } from "@neural-langevin/core";
import type { Platform } from "./platform.js";

export const platform: Platform = {
  async findGpu() {
    const { gpu } = globalThis.navigator ?? {};
    if (gpu) return gpu;
    throw new LangevinError(
      "unavailable",
      globalThis.isSecureContext === false
        ? "This page has no WebGPU, because it was not loaded securely."
        : "This browser has no WebGPU.",
      "Load the page over https or from localhost, in a browser where WebGPU is on.",
    );
  },
  adapterRemedy:
    "See the browser's page about its graphics (chrome://gpu); a driver may be blocked or missing.",
};
