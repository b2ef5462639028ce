// Opens the backends that a browser can offer. Each is a chunk of its own, loaded when it is asked for.
import { type Backend, LangevinError } from "@neural-langevin/core";
import type { OfferName } from "./offers.js";

const open: Readonly<Record<OfferName, () => Promise<Backend>>> = {
  async "wasm-threads"() {
    if (!globalThis.crossOriginIsolated) {
      throw new LangevinError(
        "unavailable",
        "This page is not cross-origin isolated, so its workers cannot share memory.",
        "Serve it with COOP same-origin and COEP require-corp, as `nlm lab` does.",
      );
    }
    const { createCpuBackend } = await import("@neural-langevin/backend-cpu");
    return createCpuBackend();
  },
  async wasm() {
    const { createCpuBackend } = await import("@neural-langevin/backend-cpu");
    return createCpuBackend({ threads: 1 });
  },
  async webgpu() {
    const { createWebGpuBackend } = await import("@neural-langevin/backend-webgpu");
    return createWebGpuBackend();
  },
  async gpujs() {
    const { createGpuJsBackend } = await import("@neural-langevin/backend-gpujs");
    return createGpuJsBackend();
  },
  async tfjs() {
    const [{ createTfjsBackend }, simd, plain] = await Promise.all([
      import("@neural-langevin/backend-tfjs"),
      import("@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url"),
      import("@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url"),
    ]);
    return createTfjsBackend({
      wasmPaths: {
        "tfjs-backend-wasm-simd.wasm": simd.default,
        "tfjs-backend-wasm.wasm": plain.default,
      },
    });
  },
};

/** Throws unavailable. */
export const openOffer = (name: OfferName): Promise<Backend> => open[name]();
