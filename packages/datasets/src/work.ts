// Progress and stopping of work on large data, which reports a few times a second and lets others run in between.
import { LangevinError, type WorkOptions } from "@neural-langevin/core";

/** Milliseconds between two reports. */
const INTERVAL = 250;

/** Work that is followed. */
export interface Work {
  /**
   * Notes how far the work has come, as far as before unless given; a few times a second this is reported, and others run.
   *
   * @throws aborted, once the work is to stop
   */
  advance(done?: number): Promise<void>;
}

/**
 * Follows some work.
 *
 * @param task what is being done, in one word, as in "reading"
 * @param total how many there are of what is counted
 * @param unit what is counted, in the plural
 */
export function startWork(
  { signal, onProgress }: WorkOptions = {},
  task: string,
  total: number,
  unit: string,
): Work {
  let reported = performance.now();
  let last = 0;
  return {
    async advance(done = last) {
      last = done;
      const now = performance.now();
      if (now - reported >= INTERVAL) {
        reported = now;
        onProgress?.({ task, done, total, unit });
        // A signal comes from a timer, a key or the system, none of which is heard before the loop turns.
        await new Promise((resolve) => setTimeout(resolve));
      }
      if (!signal?.aborted) return;
      const name = task.charAt(0).toUpperCase() + task.slice(1);
      throw new LangevinError("aborted", `${name} was stopped after ${done} of ${total} ${unit}.`);
    },
  };
}
