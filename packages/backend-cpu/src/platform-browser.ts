// Workers and facts of the machine in a browser.
import { LangevinError } from "@neural-langevin/core";
import type { Platform } from "./platform.js";
import { browserProgram } from "./worker-program.js";

/** Starts a worker and waits until its program has been loaded. */
async function load(create: () => Worker): Promise<Worker> {
  const worker = create();
  await new Promise<void>((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onerror = (event) => {
      // The page is told in a sentence of ours, not by an error that nobody caught.
      event.preventDefault();
      worker.terminate();
      reject(new Error(event.message || "it could not be loaded"));
    };
  });
  return worker;
}

const fromFile = () =>
  load(() => new Worker(new URL("./worker-browser.js", import.meta.url), { type: "module" }));

// A bundler may leave the file out, and a page may not start a worker from a file of another origin.
async function fromText(): Promise<Worker> {
  const address = URL.createObjectURL(new Blob([browserProgram], { type: "text/javascript" }));
  try {
    return await load(() => new Worker(address));
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** What the first worker was started from; the others follow it. */
let start: (() => Promise<Worker>) | undefined;

async function startFirst(): Promise<Worker> {
  const failures: unknown[] = [];
  for (const attempt of [fromFile, fromText]) {
    try {
      const worker = await attempt();
      start = attempt;
      return worker;
    } catch (error) {
      failures.push(error);
    }
  }
  const [file, text] = failures.map((error) => (error as Error).message);
  throw new LangevinError(
    "unavailable",
    `No worker could be started: from ${new URL("./worker-browser.js", import.meta.url)}: ${file}; from a blob: ${text}.`,
    "Serve dist/worker-browser.js of @neural-langevin/backend-cpu under that address, or allow blob: in the page's policy worker-src.",
    { cause: failures[0] },
  );
}

export const platform: Platform = {
  canShareMemory: globalThis.crossOriginIsolated === true,
  parallelism: globalThis.navigator?.hardwareConcurrency || 1,
  processor: "WebAssembly",
  prepareWasm() {},
  findNative: () => ({ set: undefined, reason: "a browser runs WebAssembly" }),
  async startWorker(onMessage, onFailure) {
    const worker = await (start ?? startFirst)();
    worker.onmessage = (event) => onMessage(event.data);
    worker.onerror = (event) => onFailure(event.message || "it ended");
    return {
      post: (message, transfer) => worker.postMessage(message, transfer),
      holdProcess() {},
      async release() {
        worker.terminate();
      },
    };
  },
};
