// Progress of long work: one line that is redrawn on a terminal, and a plain line now and then where
// the output is piped.
import { clock, type Terminal } from "./terminal.js";

const PLAIN_LINE_SECONDS = 10;
const REDRAW_SECONDS = 0.1;

/** Follows work of a known size. */
export class Progress {
  readonly #terminal: Terminal;
  readonly #label: string;
  readonly #unit: string;
  readonly #first: number;
  readonly #total: number;
  readonly #began: number;
  #last = Number.NEGATIVE_INFINITY;

  /**
   * @param unit what is counted, in the plural
   * @param first how much was done before this work began
   */
  constructor(terminal: Terminal, label: string, unit: string, first: number, total: number) {
    this.#terminal = terminal;
    this.#label = label;
    this.#unit = unit;
    this.#first = first;
    this.#total = total;
    this.#began = performance.now();
  }

  /** Shows that `done` of the total are done, with measures in a few words. */
  show(done: number, measures: string): void {
    const now = performance.now() / 1000;
    const finished = done >= this.#total;
    const pause = this.#terminal.interactive ? REDRAW_SECONDS : PLAIN_LINE_SECONDS;
    if (!finished && now - this.#last < pause) return;
    this.#last = now;
    const seconds = now - this.#began / 1000;
    const rate = (done - this.#first) / seconds;
    const left = finished
      ? `${clock(seconds)} in all`
      : `${clock((this.#total - done) / rate)} left`;
    const speed = `${rate >= 10 ? Math.round(rate) : rate.toFixed(1)} ${this.#unit}/s`;
    if (!this.#terminal.interactive) {
      const counted = `${done} of ${this.#total} ${this.#unit}`;
      this.#terminal.say(`${this.#label}: ${counted}, ${speed}, ${left}, ${measures}`);
      return;
    }
    const share = done / this.#total;
    const percent = `${Math.floor(100 * share)}`.padStart(3);
    const after = ` ${percent} %  ${speed}  ${left}  ${measures}`;
    const room = this.#terminal.columns - 1 - this.#label.length - 1 - after.length;
    const length = Math.max(0, Math.min(30, room));
    const full = Math.round(length * share);
    const bar = `${"━".repeat(full)}${"─".repeat(length - full)}`;
    const line = `${this.#label} ${bar}${after}`.slice(0, this.#terminal.columns - 1);
    this.#terminal.draw(`\r\u001b[K${line}${finished ? "\n" : ""}`);
  }

  /** Leaves the line as it is, when work stops before its end. */
  leave(): void {
    if (this.#terminal.interactive) this.#terminal.draw("\n");
  }
}
