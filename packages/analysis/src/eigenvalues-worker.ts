// The program of the thread that computes eigenvalues.
import { parentPort } from "node:worker_threads";
import { eigenvalues } from "./spectrum.js";

parentPort!.once("message", (matrix: Float64Array) => {
  const found = eigenvalues(matrix);
  parentPort!.postMessage(found, [
    found.real.buffer as ArrayBuffer,
    found.imaginary.buffer as ArrayBuffer,
  ]);
});
