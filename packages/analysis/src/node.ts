// What needs Node: long computations on threads of their own.
import { Worker } from "node:worker_threads";
import { LangevinError, type Values } from "@neural-langevin/core";
import { workerRefusal } from "@neural-langevin/core/backend";
import { eigenvaluesProgram } from "./eigenvalues-program.js";
import { type Eigenvalues, requireMatrix } from "./spectrum.js";

/**
 * `eigenvalues` on another thread, so that this one goes on; several calls run beside each other.
 *
 * @param matrix shape [size][size], row-major; it is copied
 * @throws wrong-length (not square), not-finite; unavailable where no thread may be started; device-failed when it
 *   ends early
 */
export async function eigenvaluesAside(matrix: Values): Promise<Eigenvalues> {
  requireMatrix(matrix);
  const worker = startWorker();
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

function startWorker(): Worker {
  try {
    // The program is whole, so it needs none of this process's loaders; of its flags a worker refuses some.
    return new Worker(eigenvaluesProgram, { eval: true, execArgv: [], name: "eigenvalues" });
  } catch (error) {
    throw workerRefusal(error);
  }
}
