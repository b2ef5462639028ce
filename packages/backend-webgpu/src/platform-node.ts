// WebGPU in Node: the optional package "webgpu", loaded when it is first asked for.
import { existsSync, readdirSync } from "node:fs";
import { LangevinError } from "@neural-langevin/core";
import type { Platform } from "./platform.js";

const DRIVER_REMEDY =
  "On Linux, install a Vulkan loader (libvulkan1) and a driver, or set VK_ICD_FILENAMES to a driver's file.";

// Held for the life of the process: its adapters and devices crash once it is collected, even closed ones.
let instance: GPU | undefined;

export const platform: Platform = {
  async findGpu() {
    instance ??= await createInstance();
    return instance;
  },
  adapterRemedy: DRIVER_REMEDY,
};

/** Whether Linux knows of any Vulkan driver; without one the library would only write warnings to the terminal. */
function hasVulkanDriver(): boolean {
  const { VK_DRIVER_FILES, VK_ADD_DRIVER_FILES, VK_ICD_FILENAMES, XDG_DATA_DIRS, HOME } =
    process.env;
  if (VK_DRIVER_FILES || VK_ADD_DRIVER_FILES || VK_ICD_FILENAMES) return true;
  const data = [
    `${HOME}/.local/share`,
    ...(XDG_DATA_DIRS ?? "").split(":"),
    "/usr/local/share",
    "/usr/share",
  ];
  return [...data.filter(Boolean), "/usr/local/etc", "/etc"]
    .map((folder) => `${folder}/vulkan/icd.d`)
    .some((folder) => existsSync(folder) && readdirSync(folder).length > 0);
}

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
  if (process.platform === "linux" && !hasVulkanDriver()) {
    throw new LangevinError("unavailable", "This machine has no Vulkan driver.", DRIVER_REMEDY);
  }
  return library.create([]);
}
