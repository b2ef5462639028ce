// Workers and facts of the machine in Node.
import { availableParallelism, cpus } from "node:os";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import { findNative } from "./native.js";
import type { Platform } from "./platform.js";

/** Milliseconds that a worker is given to leave by itself. */
const PATIENCE = 5000;

export const platform: Platform = {
  canShareMemory: true,
  parallelism: availableParallelism(),
  processor: cpus()[0]?.model.trim() || process.arch,
  prepare() {
    // Node 20 has relaxed SIMD behind this flag; later versions ignore it.
    setFlagsFromString("--experimental-wasm-relaxed-simd");
  },
  findNative,
  startWorker(onMessage, onFailure) {
    const worker = new Worker(new URL("./worker-node.js", import.meta.url));
    worker.on("message", onMessage);
    worker.on("error", (error) => onFailure(error.message));
    worker.on("exit", (status) => onFailure(`a worker thread ended with status ${status}`));
    const ended = new Promise((resolve) => worker.on("exit", resolve));
    worker.unref();
    return {
      post: (message, transfer) => worker.postMessage(message, transfer),
      holdProcess: (hold) => (hold ? worker.ref() : worker.unref()),
      async terminate() {
        // A worker leaves by itself as soon as it is out of its native call.
        worker.ref();
        worker.postMessage("stop");
        const patience = setTimeout(() => worker.terminate(), PATIENCE);
        await ended;
        clearTimeout(patience);
      },
    };
  },
};
