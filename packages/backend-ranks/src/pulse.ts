// Signs of life: ranks tell each other now and then that they are there, and one that is silent for too long is lost.
// A process that was stopped, or a computer that hangs, breaks no connection and would be waited for until the end of time.
import { LangevinError } from "@neural-langevin/core";

/** The most seconds between two signs of life. */
const LONGEST_PAUSE = 5;

/** What a rank watches. */
export interface PulsePlan {
  /** This rank. Rank 0 and each other rank watch one another. */
  readonly rank: number;
  readonly size: number;
  /** Seconds of silence after which a rank is lost. */
  readonly patience: number;
  /** Sends a sign of life. */
  beat(to: number): void;
  /** Called once, with the first rank that is lost. */
  onSilent(rank: number, error: LangevinError): void;
}

export class Pulse {
  /** Seconds since each watched rank was heard of. */
  readonly #silence = new Map<number, number>();
  readonly #timer: ReturnType<typeof setInterval>;

  constructor({ rank, size, patience, beat, onSilent }: PulsePlan) {
    for (let other = rank === 0 ? 1 : 0; other < (rank === 0 ? size : 1); other++) {
      this.#silence.set(other, 0);
    }
    const pause = Math.min(LONGEST_PAUSE, patience / 4);
    let last = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      // While this process was busy or stopped itself, it could not have heard anybody.
      const passed = Math.min((now - last) / 1000, 2 * pause);
      last = now;
      for (const [other, silence] of this.#silence) {
        if (silence > patience) {
          this.stop();
          return onSilent(other, silent(other, patience));
        }
        this.#silence.set(other, silence + passed);
        beat(other);
      }
    }, 1000 * pause);
    this.#timer.unref();
  }

  /** A rank has sent something. */
  heard(rank: number): void {
    if (this.#silence.has(rank)) this.#silence.set(rank, 0);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

const silent = (rank: number, patience: number) =>
  new LangevinError(
    "device-failed",
    `Rank ${rank} has not been heard of for ${patience} seconds.`,
    "Its process is stopped, or its computer cannot be reached. What was saved before is whole; start the job again to go " +
      "on from there, with NLM_RANKS_PATIENCE=600 where ranks may be silent for longer.",
  );
