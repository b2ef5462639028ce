// Progress of long work: one line that is redrawn on a terminal, and a plain line now and then where the output is
// piped.
import type { Progress, WorkOptions } from "@neural-langevin/core";
import { formatDuration, formatNumber } from "../text/format.js";
import type { Terminal } from "./terminal.js";

const PLAIN_LINE_SECONDS = 10;
const REDRAW_SECONDS = 0.1;

/** Follows one piece of work of a known size. */
export class ProgressLine {
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
   * @param began when it began, by `performance.now()`; now unless given
   */
  constructor(
    terminal: Terminal,
    label: string,
    unit: string,
    first: number,
    total: number,
    began = performance.now(),
  ) {
    this.#terminal = terminal;
    this.#label = label;
    this.#unit = unit;
    this.#first = first;
    this.#total = total;
    this.#began = began;
  }

  /** Shows that `done` of the total are done, with measures in a few words. */
  show(done: number, measures: string): void {
    const { interactive, columns } = this.#terminal;
    const now = performance.now() / 1000;
    const finished = done >= this.#total;
    const pause = interactive ? REDRAW_SECONDS : PLAIN_LINE_SECONDS;
    if (!finished && (done <= this.#first || now - this.#last < pause)) return;
    this.#last = now;
    const seconds = now - this.#began / 1000;
    const rate = (done - this.#first) / seconds;
    const left = finished
      ? `${formatDuration(seconds)} in all`
      : `${formatDuration((this.#total - done) / rate)} left`;
    const speed = `${rate >= 10 ? Math.round(rate) : rate.toFixed(1)} ${this.#unit}/s`;
    if (!interactive) {
      const counted = `${done} of ${this.#total} ${this.#unit}`;
      const parts = [counted, speed, left, measures].filter(Boolean);
      this.#terminal.print(`${this.#label}: ${parts.join(", ")}`);
      return;
    }
    const share = done / this.#total;
    const percent = `${Math.floor(100 * share)}`.padStart(3);
    const after = ` ${percent} %  ${speed}  ${left}  ${measures}`;
    const room = columns - 1 - this.#label.length - 1 - after.length;
    const length = Math.max(0, Math.min(30, room));
    const full = Math.round(length * share);
    const bar = `${"━".repeat(full)}${"─".repeat(length - full)}`;
    const line = `${this.#label} ${bar}${after}`.slice(0, columns - 1);
    if (finished) this.#terminal.print(line);
    else this.#terminal.showStatus(line);
  }
}

/** Symbols of the values that progress reports; others are shown by their names. */
const symbols: Readonly<Record<string, string>> = { temperature: "T", beta: "β" };

/** Shows the progress of work, one line after the other for each of its tasks. */
export function showProgress(terminal: Terminal): (progress: Progress) => void {
  let current: { task: string; total: number; line: ProgressLine } | undefined;
  // A task is first heard of when some of it is done: it began when the one before it was last heard of.
  let began = performance.now();
  return ({ task, done, total, unit, values = {} }) => {
    if (current?.task !== task || current.total !== total) {
      const label = task.charAt(0).toUpperCase() + task.slice(1);
      current = { task, total, line: new ProgressLine(terminal, label, unit, 0, total, began) };
    }
    began = performance.now();
    const measures = Object.entries(values).map(([name, value]) =>
      name in symbols
        ? `${symbols[name]} = ${formatNumber(value)}`
        : `${name} ${formatNumber(value)}`,
    );
    current.line.show(done, measures.join(", "));
  };
}

/** Work that is followed on the terminal and stopped by Ctrl-C. */
export const workOn = (terminal: Terminal): WorkOptions => ({
  signal: terminal.interrupted,
  onProgress: showProgress(terminal),
});
