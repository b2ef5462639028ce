// WebGPU in Node: the optional package "webgpu", loaded when it is first asked for.
import { LangevinError } from "@neural-langevin/core";
import type { Platform } from "./platform.js";

// Held for the life of the process: its adapters and devices crash once it is collected, even closed ones.
let instance: GPU | undefined;

export const platform: Platform = {
  async findGpu() {
    instance ??= await createInstance();
    return instance;
  },
  adapterRemedy:
    "On Linux, install a Vulkan loader (libvulkan1) and a driver, or set VK_ICD_FILENAMES to a driver's file.",
};

async function createInstance(): Promise<GPU> {
  // The name is no literal, so that compilers do not ask for the types of a package that may be missing.
  const name = "webgpu";
  let library: { create(options: string[]): GPU };
  try {
    library = await import(name);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const missing = code === "ERR_MODULE_NOT_FOUND" && message.includes(`'${name}'`);
    throw new LangevinError(
      "unavailable",
      missing
        ? 'The package "webgpu" is not installed.'
        : `The package "webgpu" cannot be loaded: ${message}`,
      "Run npm install webgpu on a platform that it has a binary for.",
      { cause: error },
    );
  }
  return library.create([]);
}
