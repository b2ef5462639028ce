// Why WebGPU is unavailable on this machine, or undefined where it is there.
import { createWebGpuBackend } from "@neural-langevin/backend-webgpu";
import { isLangevinError } from "@neural-langevin/core";

export async function whyUnavailable(): Promise<string | undefined> {
  try {
    await (await createWebGpuBackend()).close();
    return undefined;
  } catch (error) {
    if (isLangevinError(error) && error.code === "unavailable") return error.message;
    throw error;
  }
}
