// The worker's program in a browser. Its first message says that it was loaded.
import { createWorker } from "./worker.js";

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent) => void;
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
};
const receive = createWorker((message, transfer) => scope.postMessage(message, transfer));
scope.onmessage = (event) => receive(event.data);
scope.postMessage("ready", []);
