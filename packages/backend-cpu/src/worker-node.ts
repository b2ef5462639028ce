// The worker's program in Node.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort } from "node:worker_threads";
import { addressOf, loadNative } from "./native-calls.js";
import { createWorker } from "./worker.js";

const port = parentPort!;
let hasKoffi = false;
/** How often the collector is asked for; without it, memory is freed later. */
const ATTEMPTS = 100;

let collect: (() => void) | undefined;

/** Frees what nobody refers to, which an engine that waits puts off. */
function collectGarbage(): void {
  // The flag is one of the whole process, where another thread may take it back before the context is made.
  for (let attempt = 0; attempt < ATTEMPTS && !collect; attempt++) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("globalThis.gc") as typeof collect;
    setFlagsFromString("--no-expose-gc");
  }
  collect?.();
}

port.on(
  "message",
  createWorker((message, transfer) => port.postMessage(message, transfer), {
    addressOf,
    loadNative(library) {
      hasKoffi = true;
      return loadNative(library);
    },
    stop() {
      // From outside it could be ended in a native call, and the process with it.
      if (!hasKoffi) process.exit(0);
      collectGarbage();
      port.postMessage("stopped");
    },
  }),
);
