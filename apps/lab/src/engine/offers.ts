// What a browser may be asked to compute with; `backends.ts` opens it.

export const offers = [
  { name: "wasm-threads", says: "WebAssembly, all threads" },
  { name: "wasm", says: "WebAssembly, one thread" },
  { name: "webgpu", says: "WebGPU" },
  { name: "gpujs", says: "gpu.js" },
  { name: "tfjs", says: "TensorFlow.js" },
] as const;

export type OfferName = (typeof offers)[number]["name"];

/** An offer in words. */
export const saysOf = (name: OfferName): string =>
  offers.find((offer) => offer.name === name)!.says;

/** What computes unless something else is chosen. */
export const firstChoice = (): OfferName =>
  globalThis.crossOriginIsolated ? "wasm-threads" : "wasm";
