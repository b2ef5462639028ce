// What is said when Node lets no worker thread start, the same for every package that wants one.
import { LangevinError } from "../errors.js";

/** The failure of `new Worker` in Node, as one of ours: `unavailable`. */
export function workerRefusal(error: unknown): LangevinError {
  const { code, message } = error as { readonly code?: string; readonly message: string };
  return new LangevinError(
    "unavailable",
    `No worker thread could be started: ${message.replace(/\.$/, "")}.`,
    code === "ERR_ACCESS_DENIED" ? "Run Node with --allow-worker." : undefined,
    { cause: error },
  );
}
