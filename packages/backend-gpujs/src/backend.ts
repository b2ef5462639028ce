// Opens gpu.js as a backend: chooses where it computes, and says why.
import {
  type Backend,
  type DeviceReport,
  isLangevinError,
  LangevinError,
} from "@neural-langevin/core";
import { defineBackend, queueOperations } from "@neural-langevin/core/backend";
import { openNoise } from "@neural-langevin/noise";
import { Device } from "./device.js";
import { type GpuClass, type GpuJsMode, loadGpuJs, modes } from "./library.js";
import { GpuJsOperations } from "./operations.js";

/** What may be chosen about the gpu.js backend. */
export interface GpuJsBackendOptions {
  /**
   * Where gpu.js computes. Unless named, the first that works: in a browser `webgl2`, `webgl`, `webasm`, `cpu`;
   * in Node `headlessgl`, `webasm`, `cpu`.
   */
  readonly mode?: GpuJsMode | undefined;
  /** The class `GPU` of a gpu.js of one's own; the package's unless given. */
  readonly GPU?: GpuClass | undefined;
}

/**
 * Opens gpu.js as a backend.
 *
 * A mode that is named and missing is an error; without a name, `device.details` says which mode computes
 * and why those before it do not. The processor computes only under its name: kernels that gpu.js would
 * move there are refused.
 *
 * @throws invalid-value (no such mode), unavailable
 */
export async function createGpuJsBackend(options: GpuJsBackendOptions = {}): Promise<Backend> {
  const { mode } = options;
  if (mode !== undefined && !modes.includes(mode)) {
    throw new LangevinError(
      "invalid-value",
      `mode must be one of ${modes.join(", ")}, not "${String(mode)}".`,
    );
  }
  const GPU = options.GPU ?? (await loadGpuJs());
  const { found, missed } = choose(GPU, mode);
  const { side, elements } = found.limits;
  const noise = await openNoise();
  const device: DeviceReport = {
    label: found.label,
    precision: "float32",
    threads: 1,
    noise: "shared",
    // Statistics have one row more than there are units.
    limits: { units: Math.min(side, Math.floor(Math.sqrt(elements))) - 1, chains: side },
    details: [
      `gpu.js in the mode ${found.mode}`,
      ...(mode === undefined ? missed.map((reason) => `not ${reason}`) : ["the mode was named"]),
      ...(noise.shortcoming ? [noise.shortcoming] : []),
    ],
  };
  return defineBackend({
    id: "gpujs",
    device: () => device,
    async open(spec) {
      const states = Math.max(spec.chains, spec.batch);
      if (states * spec.units > elements) {
        throw new LangevinError(
          "unsupported",
          `${states} states of ${spec.units} units are more than the ${elements} numbers that this device can hold in one matrix.`,
          "Split the chains over several sessions with firstChain, or take another backend.",
        );
      }
      return queueOperations(new GpuJsOperations(spec, found, noise));
    },
    close: () => found.destroy(),
  });
}

/** The device of a mode, or of the first that works, and why those before it do not. */
function choose(GPU: GpuClass, mode: GpuJsMode | undefined): { found: Device; missed: string[] } {
  if (mode !== undefined) return { found: new Device(GPU, mode), missed: [] };
  const inBrowser = typeof process === "undefined" || typeof document !== "undefined";
  const missed: string[] = [];
  for (const one of modes) {
    if (inBrowser ? one === "headlessgl" : one.startsWith("webgl")) continue;
    try {
      return { found: new Device(GPU, one), missed };
    } catch (error) {
      if (!isLangevinError(error) || error.code !== "unavailable") throw error;
      missed.push(`${one}: ${error.message}`);
    }
  }
  throw new LangevinError("unavailable", `gpu.js cannot compute here: ${missed.join("; ")}`);
}
