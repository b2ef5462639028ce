// Opens graphics processors as a backend.
import { type Backend, isLangevinError, LangevinError } from "@neural-langevin/core";
import { defineBackend, queueOperations, resolveSpec } from "@neural-langevin/core/backend";
import { platform } from "#platform";
import { GraphicsDevice } from "./device.js";
import { NetworkMemory } from "./network-memory.js";
import { chooseShape } from "./shapes.js";

/** WebGPU's entry point, such as `navigator.gpu`, in as few words as programs without its types can be compiled with. */
export interface WebGpu {
  /** As of the standard: an adapter, or null where there is none. */
  requestAdapter(options?: {
    readonly powerPreference?: "low-power" | "high-performance";
  }): Promise<object | null>;
}

/** What may be chosen about the WebGPU backend. */
export interface WebGpuBackendOptions {
  /** WebGPU's entry point; the browser's own, or in Node that of the package `webgpu`, unless given. */
  readonly gpu?: WebGpu | undefined;
  /** Which of several adapters is preferred; the system chooses unless given. */
  readonly powerPreference?: "low-power" | "high-performance" | undefined;
}

/**
 * Opens a graphics device.
 *
 * When the device is lost, the calls of its sessions reject with `device-lost`, pending and later ones alike. The
 * backend itself goes on: `open` then finds a device anew, and a session that is given what was read last
 * continues from there, bit for bit on the same adapter.
 *
 * @throws unavailable (no WebGPU, no package `webgpu`, no adapter, no driver)
 */
export const createWebGpuBackend = (options: WebGpuBackendOptions = {}): Promise<Backend> =>
  openBackend(options, chooseShape);

/** The same, with the tiles of the products chosen by the caller. */
export async function openBackend(
  { gpu: given, powerPreference }: WebGpuBackendOptions,
  choose: typeof chooseShape,
): Promise<Backend> {
  const gpu = (given as GPU | undefined) ?? (await platform.findGpu());
  const openDevice = () => GraphicsDevice.open(gpu, powerPreference, platform.adapterRemedy);
  let current = await openDevice();
  let opening: Promise<GraphicsDevice> | undefined;

  /** The device, or a new one where it was lost. */
  const ready = async (): Promise<GraphicsDevice> => {
    if (!current.failure) return current;
    opening ??= openDevice().finally(() => {
      opening = undefined;
    });
    current = await opening;
    return current;
  };

  return defineBackend({
    id: "webgpu",
    device: () => current.report,
    async open(spec) {
      const device = await ready();
      // A device that was found anew may be another one.
      resolveSpec(spec, device.report.limits);
      const memory = await NetworkMemory.allocate(device, spec, choose).catch((error) => {
        if (isLangevinError(error)) throw error;
        throw (
          device.failure ??
          new LangevinError("device-failed", String(error), undefined, { cause: error })
        );
      });
      return queueOperations(memory);
    },
    close: async () => current.device.destroy(),
  });
}
