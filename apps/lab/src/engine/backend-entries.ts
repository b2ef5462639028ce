// The backends that a browser can compute with, by the names that the page uses; `backends.ts` opens them.

export const backendEntries = [
  { name: "wasm-threads", label: "WebAssembly, all threads" },
  { name: "wasm", label: "WebAssembly, one thread" },
  { name: "webgpu", label: "WebGPU" },
  { name: "gpujs", label: "gpu.js" },
  { name: "tfjs", label: "TensorFlow.js" },
] as const;

export type BackendName = (typeof backendEntries)[number]["name"];

/** The name of a backend for people. */
export const labelOf = (name: BackendName): string =>
  backendEntries.find((entry) => entry.name === name)!.label;

/** The backend that computes unless another one is chosen. */
export const preferredBackend = (): BackendName =>
  globalThis.crossOriginIsolated ? "wasm-threads" : "wasm";
