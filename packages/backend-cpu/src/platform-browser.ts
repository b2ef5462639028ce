// Workers and facts of the machine in a browser.
import type { Platform } from "./platform.js";

export const platform: Platform = {
  canShareMemory: globalThis.crossOriginIsolated === true,
  parallelism: navigator.hardwareConcurrency || 1,
  processor: "WebAssembly",
  prepare() {},
  findNative: () => ({ set: undefined, reason: "a browser runs WebAssembly" }),
  startWorker(onMessage, onFailure) {
    const worker = new Worker(new URL("./worker-browser.js", import.meta.url), { type: "module" });
    worker.onmessage = (event) => onMessage(event.data);
    worker.onerror = (event) => onFailure(event.message || "a worker could not be loaded");
    return {
      post: (message, transfer) => worker.postMessage(message, transfer),
      holdProcess() {},
      async terminate() {
        worker.terminate();
      },
    };
  },
};
