// The worker's program in Node.
import { parentPort } from "node:worker_threads";
import { addressOf, loadNative } from "./native-calls.js";
import { createWorker } from "./worker.js";

const port = parentPort!;
port.on(
  "message",
  createWorker((message, transfer) => port.postMessage(message, transfer), {
    addressOf,
    loadNative,
    leave: () => process.exit(0),
  }),
);
