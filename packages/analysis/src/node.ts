// What needs Node: long computations on threads of their own.
import { Worker } from "node:worker_threads";
import { LangevinError, type Values } from "@neural-langevin/core";
import { type Eigenvalues, requireMatrix } from "./spectrum.js";

/**
 * `eigenvalues` on another thread, so that this one goes on; several calls run beside each other.
 *
 * @param matrix shape [size][size], row-major; it is copied
 * @throws wrong-length (not square), not-finite; device-failed when the thread ends early
 */
export async function eigenvaluesAside(matrix: Values): Promise<Eigenvalues> {
  requireMatrix(matrix);
  const worker = new Worker(new URL("./eigenvalues-worker.js", import.meta.url));
  try {
    return await new Promise<Eigenvalues>((resolve, reject) => {
      const fail = (reason: string, cause?: unknown) =>
        reject(
          new LangevinError(
            "device-failed",
            `The thread that computes eigenvalues failed: ${reason}.`,
            undefined,
            { cause },
          ),
        );
      worker.once("message", resolve);
      worker.once("error", (error) => fail(error.message, error));
      worker.once("exit", (status) => fail(`it ended with status ${status}`));
      worker.postMessage(matrix);
    });
  } finally {
    await worker.terminate();
  }
}
