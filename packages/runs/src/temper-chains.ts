// Tempered chains of a trained machine: rungs that swap equally often are found first, and then the chains are followed.
import {
  evenLadder,
  type Session,
  type TemperingFrame,
  type TemperingPlan,
  temper,
  type WorkOptions,
} from "@neural-langevin/core";

/** Short runs that choose the rungs, and sweeps of each. */
const PILOTS = { rounds: 3, sweeps: 60 };

/** Tempered chains at one moment, and T of the rungs. */
export interface TemperedFrame extends TemperingFrame {
  /** Ascending, shape [R]. */
  readonly temperatures: readonly number[];
}

/**
 * `temper` of core with progress, on rungs that are first moved until neighbours swap equally often; the lowest and the
 * highest stay.
 *
 * @throws what `temper` throws: invalid-value, wrong-length, not-finite, aborted, diverged
 */
export async function* temperChains(
  session: Session,
  plan: Omit<TemperingPlan, "signal" | "rungs" | "firstStep">,
  { signal, onProgress }: WorkOptions = {},
): AsyncGenerator<TemperedFrame, void, void> {
  let { temperatures } = plan;
  let rungs: Uint32Array | undefined;
  for (let round = 0; round < PILOTS.rounds && temperatures.length > 2; round++) {
    const pilot = {
      ...plan,
      temperatures,
      sweeps: PILOTS.sweeps,
      every: PILOTS.sweeps,
      rungs,
      signal,
    };
    for await (const frame of temper(session, {
      ...pilot,
      start: round === 0 ? plan.start : "continue",
    })) {
      temperatures = evenLadder(temperatures, frame.swaps);
      rungs = frame.rungs;
    }
    onProgress?.({
      task: "choosing temperatures",
      done: round + 1,
      total: PILOTS.rounds,
      unit: "runs",
    });
  }
  const start = rungs ? "continue" : plan.start;
  const every = plan.every ?? Math.max(1, Math.floor(plan.sweeps / 100));
  for await (const frame of temper(session, {
    ...plan,
    temperatures,
    start,
    rungs,
    every,
    signal,
  })) {
    const { roundTrips } = frame.swaps;
    const values = { roundTrips };
    onProgress?.({
      task: "tempering",
      done: frame.done,
      total: plan.sweeps,
      unit: "sweeps",
      values,
    });
    yield { ...frame, temperatures };
  }
}
