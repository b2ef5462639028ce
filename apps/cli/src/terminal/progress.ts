// Progress of long work: one line that is redrawn on a terminal, and a plain line now and then where the output is
// piped.
import type { Progress, WorkOptions } from "@neural-langevin/core";
import { formatDuration, formatNumber } from "../text/format.js";
import type { Terminal } from "./terminal.js";

const PLAIN_LINE_SECONDS = 10;
const REDRAW_SECONDS = 0.1;

/** Shows that `done` of the total are done, with measures in a few words. */
type ShowProgress = (done: number, measures: string) => void;

/**
 * Follows one piece of work of a known size on a line of the terminal.
 *
 * @param unit what is counted, in the plural
 * @param first how much was done before this work began
 * @param began when it began, by `performance.now()`; now unless given
 */
export function progressLine(
  terminal: Terminal,
  label: string,
  unit: string,
  first: number,
  total: number,
  began = performance.now(),
): ShowProgress {
  const { interactive, columns } = terminal;
  let last = Number.NEGATIVE_INFINITY;
  return (done, measures) => {
    const now = performance.now() / 1000;
    const finished = done >= total;
    const pause = interactive ? REDRAW_SECONDS : PLAIN_LINE_SECONDS;
    if (!finished && (done <= first || now - last < pause)) return;
    last = now;
    const seconds = now - began / 1000;
    const rate = (done - first) / seconds;
    const left = finished
      ? `${formatDuration(seconds)} in all`
      : `${formatDuration((total - done) / rate)} left`;
    const speed = `${rate >= 10 ? Math.round(rate) : rate.toFixed(1)} ${unit}/s`;
    if (!interactive) {
      const counted = `${done} of ${total} ${unit}`;
      const parts = [counted, speed, left, measures].filter(Boolean);
      terminal.print(`${label}: ${parts.join(", ")}`);
      return;
    }
    const share = done / total;
    const percent = `${Math.floor(100 * share)}`.padStart(3);
    const after = ` ${percent} %  ${speed}  ${left}  ${measures}`;
    const room = columns - 1 - label.length - 1 - after.length;
    const length = Math.max(0, Math.min(30, room));
    const full = Math.round(length * share);
    const bar = `${"━".repeat(full)}${"─".repeat(length - full)}`;
    const line = `${label} ${bar}${after}`.slice(0, columns - 1);
    if (finished) terminal.print(line);
    else terminal.showStatus(line);
  };
}

/** Symbols of the values that progress reports; others are shown by their names. */
const symbols: Readonly<Record<string, string>> = { temperature: "T", beta: "β" };

/** Shows the progress of work, one line after the other for each of its tasks. */
export function showProgress(terminal: Terminal): (progress: Progress) => void {
  let current: { task: string; total: number; show: ShowProgress } | undefined;
  // A task is first heard of when some of it is done: it began when the one before it was last heard of.
  let began = performance.now();
  return ({ task, done, total, unit, values = {} }) => {
    if (current?.task !== task || current.total !== total) {
      const label = task.charAt(0).toUpperCase() + task.slice(1);
      current = { task, total, show: progressLine(terminal, label, unit, 0, total, began) };
    }
    began = performance.now();
    const measures = Object.entries(values).map(([name, value]) =>
      name in symbols
        ? `${symbols[name]} = ${formatNumber(value)}`
        : `${name} ${formatNumber(value)}`,
    );
    current.show(done, measures.join(", "));
  };
}

/** Work that is followed on the terminal and stopped by Ctrl-C. */
export const workOn = (terminal: Terminal): WorkOptions => ({
  signal: terminal.interrupted,
  onProgress: showProgress(terminal),
});
