// What several tests of runs share.
import { isLangevinError } from "@neural-langevin/core";
import type { Checkpoint, EarlyStop, MetricsRow, RunSink, RunState } from "../src/index.js";

/** The code of the LangevinError that some work ends with. */
export const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "nothing thrown",
    (error) => (isLangevinError(error) ? error.code : String(error)),
  );

/** A run that is kept in memory. */
export class MemorySink implements RunSink {
  readonly rows: MetricsRow[] = [];
  readonly evaluations: MetricsRow[] = [];
  readonly checkpoints: Checkpoint[] = [];
  readonly states: RunState[] = [];
  readonly stops: (EarlyStop | undefined)[] = [];

  addMetrics(row: MetricsRow): void {
    this.rows.push(row);
  }

  addEvaluation(row: MetricsRow): void {
    this.evaluations.push(row);
  }

  writeCheckpoint(checkpoint: Checkpoint): void {
    this.checkpoints.push(checkpoint);
  }

  setState(state: RunState, stop?: EarlyStop): void {
    this.states.push(state);
    this.stops.push(stop);
  }
}
