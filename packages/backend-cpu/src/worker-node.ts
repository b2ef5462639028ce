// The worker's program in Node.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort } from "node:worker_threads";
import { addressOf, loadNative } from "./native-calls.js";
import { createWorker } from "./worker.js";

const port = parentPort!;
let hasKoffi = false;

/** Frees what nobody refers to, which an engine that waits puts off. */
function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  setFlagsFromString("--no-expose-gc");
  collect();
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
