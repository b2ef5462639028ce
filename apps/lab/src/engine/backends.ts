// Opens the backends that a browser can compute with. Each is a chunk of its own, loaded when it is opened.
import { type Backend, isLangevinError, LangevinError } from "@neural-langevin/core";
import { type BackendName, labelOf } from "./backend-entries.js";

/** A backend and the name under which `nlm` opens the same one. */
export interface OpenedBackend {
  readonly backend: Backend;
  readonly id: string;
}

/** The processor's kernel, with fused multiply-add where the browser has it, because bits depend on it. */
async function openProcessor(options: { readonly threads?: number }): Promise<OpenedBackend> {
  const { createCpuBackend } = await import("@neural-langevin/backend-cpu");
  try {
    return { backend: await createCpuBackend({ ...options, build: "relaxed" }), id: "cpu:relaxed" };
  } catch (error) {
    if (!isLangevinError(error, "unavailable")) throw error;
    return { backend: await createCpuBackend({ ...options, build: "plain" }), id: "cpu:plain" };
  }
}

const named = (backend: Backend): OpenedBackend => ({ backend, id: backend.id });

const open: Readonly<Record<BackendName, () => Promise<OpenedBackend>>> = {
  async "wasm-threads"() {
    if (!globalThis.crossOriginIsolated) {
      throw new LangevinError(
        "unavailable",
        "This page is not cross-origin isolated, so its workers cannot share memory.",
        "Serve it with COOP same-origin and COEP require-corp, as `nlm lab` does.",
      );
    }
    return openProcessor({});
  },
  wasm: () => openProcessor({ threads: 1 }),
  async webgpu() {
    const { createWebGpuBackend } = await import("@neural-langevin/backend-webgpu");
    return named(await createWebGpuBackend());
  },
  async gpujs() {
    const { createGpuJsBackend } = await import("@neural-langevin/backend-gpujs");
    return named(await createGpuJsBackend());
  },
  async tfjs() {
    const [{ createTfjsBackend }, simd, plain] = await Promise.all([
      import("@neural-langevin/backend-tfjs"),
      import("@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url"),
      import("@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url"),
    ]);
    const wasmPaths = {
      "tfjs-backend-wasm-simd.wasm": simd.default,
      "tfjs-backend-wasm.wasm": plain.default,
    };
    return named(await createTfjsBackend({ wasmPaths }));
  },
};

/** Opens a backend. Throws unavailable. */
export async function openBackend(name: BackendName): Promise<OpenedBackend> {
  try {
    return await open[name]();
  } catch (error) {
    // Browsers say in words of their own that a module or a file did not come.
    if (!(error instanceof TypeError)) throw error;
    throw new LangevinError(
      "unavailable",
      `What computes with ${labelOf(name)} could not be loaded: ${error.message}.`,
      "Try again when there is a network.",
    );
  }
}
