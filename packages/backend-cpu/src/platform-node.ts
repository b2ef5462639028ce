// Workers and facts of the machine in Node.
import { availableParallelism, cpus } from "node:os";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import { workerRefusal } from "@neural-langevin/core/backend";
import { findNative } from "./native.js";
import type { Platform } from "./platform.js";
import { nodeProgram } from "./worker-program.js";

/** Milliseconds that a worker is given to stop by itself. */
const PATIENCE = 5000;

function createWorker(): Worker {
  try {
    // The program is whole, so it needs none of this process's loaders; of its flags a worker refuses some.
    return new Worker(nodeProgram, { eval: true, execArgv: [], name: "neural-langevin" });
  } catch (error) {
    throw workerRefusal(error);
  }
}

/** A worker, and who is told of its messages and of its end. */
interface Thread {
  readonly worker: Worker;
  onMessage(message: unknown): void;
  onFailure(reason: string): void;
  hasEnded: boolean;
}

/**
 * Threads that called native kernels for backends that were closed, and wait for those that come. Calls go through koffi,
 * which keeps some 20 kB of every thread that has ended.
 */
const waiting = new Set<Thread>();
const MOST_WAITING = availableParallelism();

function takeThread(): Thread {
  for (const thread of waiting) {
    waiting.delete(thread);
    return thread;
  }
  const worker = createWorker();
  const thread: Thread = { worker, onMessage() {}, onFailure() {}, hasEnded: false };
  worker.on("message", (message) => thread.onMessage(message));
  worker.on("error", (error) => thread.onFailure(error.message));
  worker.on("exit", (status) => {
    waiting.delete(thread);
    thread.hasEnded = true;
    thread.onFailure(`a worker thread ended with status ${status}`);
  });
  worker.unref();
  return thread;
}

/** Waits until a thread has ended, or has let its sessions go and waits for another backend. */
async function releaseThread(thread: Thread, failed: boolean): Promise<void> {
  const { worker } = thread;
  if (thread.hasEnded) return;
  // No race with a promise of the thread's end, which would keep every backend that the thread ever computed for.
  const answer = new Promise<boolean>((resolve) => {
    thread.onMessage = (message) => message === "stopped" && resolve(true);
    thread.onFailure = () => resolve(false);
  });
  // It stops by itself as soon as it is out of its native call; ending it before could end the process.
  worker.ref();
  worker.postMessage("stop");
  const patience = setTimeout(() => worker.terminate(), PATIENCE);
  const isThere = await answer;
  clearTimeout(patience);
  worker.unref();
  if (isThere && !failed && waiting.size < MOST_WAITING) waiting.add(thread);
  else await worker.terminate();
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
    const thread = takeThread();
    const { worker } = thread;
    thread.onMessage = onMessage;
    thread.onFailure = onFailure;
    return {
      post: (message, transfer) => worker.postMessage(message, transfer),
      holdProcess: (hold) => (hold ? worker.ref() : worker.unref()),
      release: (failed) => releaseThread(thread, failed),
    };
  },
};
