// How long work is followed and stopped: numbers for whoever watches, no words and no screen.
import type { StopSignal } from "./errors.js";

/** How far some work has come. */
export interface Progress {
  /** What is being done, for example "training" or "annealing". */
  readonly task: string;
  /** How many are done. */
  readonly done: number;
  /** How many there are. */
  readonly total: number;
  /** What is counted, in the plural: "steps", "updates", "images". */
  readonly unit: string;
  /** Numbers worth showing beside it, by name, for example `energy` and `temperature`. */
  readonly values?: Readonly<Record<string, number>> | undefined;
}

/** What every function that takes long accepts. */
export interface WorkOptions {
  /** Stops the work, which then throws `aborted`. */
  readonly signal?: StopSignal | undefined;
  /** Hears how far the work has come, a few times a second or less. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}
