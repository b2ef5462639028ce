// Progress and stopping of reading, which reports a few times a second and lets others run in between.
import { LangevinError, type WorkOptions } from "@neural-langevin/core";

/** Milliseconds between two reports. */
const INTERVAL = 250;

/** Follows some work: `advance` reports how far it has come, and throws `aborted` once it is to stop. */
export function startWork(
  { signal, onProgress }: WorkOptions = {},
  task: string,
  total: number,
  unit: string,
) {
  let reported = performance.now();
  return {
    async advance(done: number): Promise<void> {
      const now = performance.now();
      if (now - reported >= INTERVAL) {
        reported = now;
        onProgress?.({ task, done, total, unit });
        // A signal comes from a timer, a key or the system, none of which is heard before the loop turns.
        await new Promise((resolve) => setTimeout(resolve));
      }
      if (!signal?.aborted) return;
      throw new LangevinError("aborted", `Reading was stopped after ${done} of ${total} ${unit}.`);
    },
  };
}
