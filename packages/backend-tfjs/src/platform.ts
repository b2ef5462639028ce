// What TensorFlow.js may run on, and what it finds on this machine.

import { isLangevinError, LangevinError } from "@neural-langevin/core";
import type * as TensorFlowCore from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { type Normals, statelessNormals, webglNormals, webgpuNormals } from "./device-normals.js";
import { tanhGradient } from "./native-operations.js";
import type { TfjsPlatform, WasmPaths } from "./options.js";

/** TensorFlow.js with its own types. */
export type TensorFlow = typeof TensorFlowCore;

/** The names by which TensorFlow.js knows its own backends. */
const registeredNames: Readonly<Record<TfjsPlatform, string>> = {
  "node-gpu": "tensorflow",
  node: "tensorflow",
  wasm: "wasm",
  cpu: "cpu",
  webgl: "webgl",
  webgpu: "webgpu",
};

/** The most float32 numbers that the device can hold in one tensor, and in all tensors of a session. */
interface Room {
  readonly tensor: number;
  readonly session: number;
  /** The longest row or column of a matrix, where that is limited by itself. */
  readonly side: number;
}

/** A backend of TensorFlow.js that is there and computes. */
export interface Device {
  readonly tf: TensorFlow;
  /** The name by which TensorFlow.js knows it. */
  readonly name: string;
  readonly label: string;
  readonly threads: number;
  readonly room: Room;
  /** What computes, for people. */
  readonly detail: string;
  /** Whether operations only enqueue, so that someone has to wait for them now and then. */
  readonly queues: boolean;
  /** Makes the shared noise where the device computes; absent where the host makes it. */
  readonly normals?: Normals;
  /** Makes a noise of TensorFlow's own. */
  readonly nativeNormals?: Normals;
  /** (1 − φ²) ∘ g in one pass, where TensorFlow has that. */
  readonly tanhGradient?: (phi: Tensor2D, gradient: Tensor2D) => Tensor2D;
  /** Settings of TensorFlow.js that hold while this computes. */
  readonly flags: Readonly<Record<string, number>>;
  /** Whether the system has taken the device away. */
  isLost(): boolean;
}

/** Where to find what a platform needs. */
export interface Host {
  /** Platforms of this host, the fastest first. */
  readonly order: readonly TfjsPlatform[];
  /** The processor in words, as far as the host tells, and the threads that it runs at once. */
  readonly processor: { readonly label: string | undefined; readonly threads: number };
  /** Imports the packages of a platform. Rejects where one is missing. */
  load(platform: TfjsPlatform, wasmPaths: WasmPaths | undefined): Promise<TensorFlow>;
  /** Gives tfjs-node what it needs of Node, and later versions of Node do not have. */
  mendNative?(): void;
  /** Threads of TensorFlow.js's WebAssembly. */
  wasmThreads(): Promise<number>;
}

/** Opens a platform, or says why it is not here. Rejects with `unavailable`. */
export async function openPlatform(
  host: Host,
  platform: TfjsPlatform,
  wasmPaths: WasmPaths | undefined,
): Promise<Device> {
  if (!host.order.includes(platform)) {
    throw unavailable(
      platform,
      `it does not run here; the platforms here are ${host.order.join(", ")}`,
      undefined,
    );
  }
  let tf: TensorFlow;
  try {
    tf = await host.load(platform, wasmPaths);
  } catch (error) {
    const packages = packagesOf(platform).join(" and ");
    // In Node's words, and in those that Vite puts where an optional peer is missing.
    const absent =
      (error as { code?: string }).code === "ERR_MODULE_NOT_FOUND" ||
      reasonOf(error).startsWith("Could not resolve");
    const reason = absent ? `${packages} is not installed` : reasonOf(error);
    throw unavailable(platform, reason, `Install ${packages} beside this package.`, error);
  }
  return activate(host, tf, platform, wasmPaths !== undefined);
}

/** Takes TensorFlow.js as it was given, on the backend that was named or is active in it. */
export async function openInjected(
  host: Host,
  tf: TensorFlow,
  platform: TfjsPlatform | undefined,
): Promise<Device> {
  if (platform) return activate(host, tf, platform, true);
  await tf.ready();
  const name = tf.getBackend();
  const found = (Object.keys(registeredNames) as TfjsPlatform[]).find(
    (one) => one !== "node-gpu" && registeredNames[one] === name,
  );
  if (!found) {
    throw new LangevinError(
      "unsupported",
      `The TensorFlow.js that was given runs on "${name}", which is not known here.`,
      `Make one of ${[...new Set(Object.values(registeredNames))].join(", ")} its backend.`,
    );
  }
  return activate(host, tf, found, true);
}

/** The packages of npm that a platform needs. */
function packagesOf(platform: TfjsPlatform): string[] {
  if (platform === "node" || platform === "node-gpu") return [`@tensorflow/tfjs-${platform}`];
  return ["@tensorflow/tfjs-core", `@tensorflow/tfjs-backend-${platform}`];
}

const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error))
    .trim()
    .split("\n")[0]!
    .replace(/\.$/, "");

function unavailable(
  platform: TfjsPlatform,
  reason: string,
  remedy: string | undefined,
  cause?: unknown,
): LangevinError {
  const sentence = `TensorFlow.js on ${platform} is not available: ${reason}.`;
  return new LangevinError("unavailable", sentence, remedy, { cause });
}

/** Initialises a registered backend, asks it what it computes on, and leaves the active one as it was. */
async function activate(
  host: Host,
  tf: TensorFlow,
  platform: TfjsPlatform,
  placed: boolean,
): Promise<Device> {
  const name = registeredNames[platform];
  const active = tf.engine().backendName;
  const remedy =
    platform === "wasm" && !placed
      ? "Give the address of the .wasm files of @tensorflow/tfjs-backend-wasm as wasmPaths."
      : undefined;
  try {
    if (!(await tf.setBackend(name))) throw new Error("its initialisation failed");
    return await describe(host, tf, platform);
  } catch (error) {
    if (isLangevinError(error)) throw error;
    throw unavailable(platform, reasonOf(error), remedy, error);
  } finally {
    if (active && active !== name && active in tf.engine().registry) await tf.setBackend(active);
  }
}

/** 2 GiB: what typed arrays and the libraries below them surely take. */
const TENSOR = 2 ** 29;

/** What TensorFlow.js's backend of this platform runs on; it is active. */
async function describe(host: Host, tf: TensorFlow, platform: TfjsPlatform): Promise<Device> {
  const { processor } = host;
  const common = { tf, name: registeredNames[platform], flags: {}, isLost: () => false };
  const room = { tensor: TENSOR, session: Number.POSITIVE_INFINITY, side: TENSOR };
  switch (platform) {
    case "node":
    case "node-gpu": {
      const native = tf.backend() as unknown as NativeBackend;
      host.mendNative?.();
      // A sum as a trial.
      tf.tidy(() => tf.add(1, 1));
      const version = (tf as { version?: { "tfjs-node"?: string } }).version?.["tfjs-node"];
      const library = `TensorFlow.js ${version ?? ""} native`.replace("  ", " ");
      const gpu = native.isUsingGpuDevice;
      return {
        ...common,
        room,
        label: gpu ? "CUDA device 0" : (processor.label ?? "processor"),
        threads: gpu ? 1 : processor.threads,
        queues: false,
        nativeNormals: statelessNormals(tf),
        tanhGradient: tanhGradient(tf),
        detail: gpu
          ? `${library}, CUDA`
          : native.isGPUPackage
            ? `${library}, built for CUDA but without a GPU here: the processor computes`
            : `${library}, on the processor`,
      };
    }
    case "wasm": {
      const threads = await host.wasmThreads();
      const simd = await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT");
      return {
        ...common,
        // WebAssembly has 4 GiB of addresses, of which the library asks for half.
        room: { ...room, session: TENSOR - 2 ** 24 },
        label: processor.label ?? "WebAssembly",
        threads,
        queues: false,
        detail: `TensorFlow.js ${tf.version_core} in WebAssembly${simd ? " with SIMD" : ", without SIMD"}`,
      };
    }
    case "cpu":
      return {
        ...common,
        room,
        label: processor.label ?? "JavaScript",
        threads: 1,
        queues: false,
        detail: `TensorFlow.js ${tf.version_core} in plain JavaScript`,
      };
    case "webgl": {
      const { gl } = (tf.backend() as unknown as WebglBackend).getGPGPUContext();
      const precise = tf.env().getBool("WEBGL_RENDER_FLOAT32_ENABLED");
      if (!precise || tf.env().getBool("WEBGL_FORCE_F16_TEXTURES")) {
        throw unavailable(platform, "this device renders numbers of 16 bits only", undefined);
      }
      const side = tf.env().getNumber("WEBGL_MAX_TEXTURE_SIZE");
      const version = tf.env().getNumber("WEBGL_VERSION");
      const names = gl.getExtension("WEBGL_debug_renderer_info");
      return {
        ...common,
        room: { ...room, tensor: Math.min(TENSOR, side * side), side },
        label: String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER)),
        threads: 1,
        queues: true,
        // WebGL 1 has no whole numbers of 32 bits.
        ...(version === 2 && { normals: webglNormals(tf) }),
        detail: `TensorFlow.js ${tf.version_core} on WebGL ${version}`,
        isLost: () => gl.isContextLost(),
      };
    }
    case "webgpu": {
      const { device, adapterInfo } = tf.backend() as unknown as WebgpuBackend;
      const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
      let lost = false;
      void device.lost.then(() => {
        lost = true;
      });
      const { vendor, architecture, description } = device.adapterInfo ?? adapterInfo ?? {};
      const words = [vendor, architecture, description].filter(Boolean).join(", ");
      return {
        ...common,
        room: { ...room, tensor: Math.min(maxBufferSize, maxStorageBufferBindingSize) / 4 },
        label: words || "a WebGPU adapter without a name",
        threads: 1,
        queues: true,
        normals: webgpuNormals(tf),
        detail: `TensorFlow.js ${tf.version_core} on WebGPU`,
        // One program for all products: the others sum in an order that depends on the number of rows.
        flags: { WEBGPU_MATMUL_PROGRAM_TYPE: 3 },
        isLost: () => lost,
      };
    }
  }
}

// What is read of TensorFlow.js's own backends, whose types come with packages that may be missing.
interface NativeBackend {
  readonly isUsingGpuDevice: boolean;
  readonly isGPUPackage: boolean;
}
interface WebglBackend {
  getGPGPUContext(): { readonly gl: WebGLRenderingContext };
}
interface AdapterInfo {
  readonly vendor?: string;
  readonly architecture?: string;
  readonly description?: string;
}
interface WebgpuBackend {
  readonly adapterInfo?: AdapterInfo;
  readonly device: {
    readonly adapterInfo?: AdapterInfo;
    readonly limits: { maxBufferSize: number; maxStorageBufferBindingSize: number };
    readonly lost: Promise<unknown>;
  };
}
