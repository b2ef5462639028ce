// Opens TensorFlow.js as a backend.
import {
  type Backend,
  type DeviceReport,
  isLangevinError,
  LangevinError,
  type ResolvedSpec,
} from "@neural-langevin/core";
import { defineBackend, queueOperations } from "@neural-langevin/core/backend";
import { openNoise } from "@neural-langevin/noise";
import { host } from "#host";
import type { TfjsBackendOptions } from "./options.js";
import { type Device, openInjected, openPlatform, type TensorFlow } from "./platform.js";
import { TensorMachine } from "./tensor-machine.js";

/**
 * Opens TensorFlow.js on a platform.
 *
 * `device.details` says what computes and, where none was named, which faster platforms are not here and why.
 *
 * @throws unavailable (with the reason), unsupported (an injected `tf` on a backend that is not known; native noise where
 *   TensorFlow.js has none on the device), invalid-value
 */
export async function createTfjsBackend(options: TfjsBackendOptions = {}): Promise<Backend> {
  const { device: found, missing } = await choose(options);
  const computes = withNoise(found, options.noise ?? "shared");
  const noise = await openNoise();
  const { room } = computes;
  const square = Math.floor(Math.sqrt(Math.min(room.tensor, room.session / PARTS)));
  const device: DeviceReport = {
    label: computes.label,
    precision: "float32",
    threads: computes.threads,
    noise: options.noise ?? "shared",
    limits: {
      units: Math.min(square, room.side),
      chains: Math.min(Math.floor(room.tensor), room.side, 1_000_000),
    },
    details: [computes.detail, ...missing, ...(noise.shortcoming ? [noise.shortcoming] : [])],
  };
  return defineBackend({
    id: "tfjs",
    device: () => device,
    async open(spec) {
      requireRoom(spec, computes);
      return queueOperations(new TensorMachine(spec, computes, noise));
    },
    close: async () => {},
  });
}

/** The platform that was asked for, or the first that is there with the reasons against those before it. */
async function choose(
  options: TfjsBackendOptions,
): Promise<{ device: Device; missing: readonly string[] }> {
  const { platform, tf, wasmPaths } = options;
  if (tf) return { device: await openInjected(host, tf as TensorFlow, platform), missing: [] };
  if (platform) return { device: await openPlatform(host, platform, wasmPaths), missing: [] };
  const missing: string[] = [];
  for (const one of host.order) {
    try {
      return { device: await openPlatform(host, one, wasmPaths), missing };
    } catch (error) {
      if (!(isLangevinError(error) && error.code === "unavailable")) throw error;
      missing.push(error.message);
    }
  }
  throw new LangevinError(
    "unavailable",
    `TensorFlow.js is not available. ${missing.join(" ")}`,
    "Install @tensorflow/tfjs-core and @tensorflow/tfjs-backend-wasm beside this package.",
  );
}

/** The device with the noise that was asked for. */
function withNoise(device: Device, kind: "shared" | "native"): Device {
  if (kind === "shared") return device;
  if (kind !== "native") {
    throw new LangevinError(
      "invalid-value",
      `noise must be "shared" or "native", not "${String(kind)}".`,
    );
  }
  const { nativeNormals: normals, detail } = device;
  if (normals) return { ...device, normals };
  throw new LangevinError(
    "unsupported",
    `There is no native noise here: ${detail}.`,
    "Leave noise out, or choose the platform node-gpu or node.",
  );
}

/** Matrices of N² and of B·N numbers that a session has at once, counted generously. */
const PARTS = 10;

/** Refuses a session whose sizes fit one by one but not together. Throws unsupported. */
function requireRoom(spec: ResolvedSpec, { room }: Device): void {
  const { units } = spec;
  const rows = Math.max(spec.chains, spec.batch);
  const largest = units * Math.max(units, rows);
  const all = PARTS * units * (units + rows);
  if (largest > room.tensor || all > room.session) {
    throw new LangevinError(
      "unsupported",
      `${units} units with ${rows} states are more than this device can hold.`,
      "Take fewer chains or another backend.",
    );
  }
}
