// Workers and facts of the machine in Node.
import { availableParallelism, cpus } from "node:os";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import { workerRefusal } from "@neural-langevin/core/backend";
import { findNative } from "./native.js";
import type { Platform } from "./platform.js";
import { nodeProgram } from "./worker-program.js";

/** Milliseconds that a worker is given to leave by itself. */
const PATIENCE = 5000;

function createWorker(): Worker {
  try {
    // The program is whole, so it needs none of this process's loaders; of its flags a worker refuses some.
    return new Worker(nodeProgram, { eval: true, execArgv: [], name: "neural-langevin" });
  } catch (error) {
    throw workerRefusal(error);
  }
}

export const platform: Platform = {
  canShareMemory: true,
  parallelism: availableParallelism(),
  processor: cpus()[0]?.model.trim() || process.arch,
  prepareWasm() {
    // Node 20 has relaxed SIMD behind this flag; later versions complain of it.
    if (process.versions.node.startsWith("20.")) {
      setFlagsFromString("--experimental-wasm-relaxed-simd");
    }
  },
  findNative,
  async startWorker(onMessage, onFailure) {
    const worker = createWorker();
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
