// What a job on a cluster is, whichever system runs it: a training on several ranks, or a job array whose tasks take shards.
import { basename } from "node:path";
import { LangevinError } from "@neural-langevin/core";

/** What a job asks of the cluster, and what it does. */
export interface ClusterJob {
  /** See `jobName`. */
  readonly name: string;
  /** Processes: ranks that work together, or tasks of an array that do not know of each other. */
  readonly processes: number;
  /** Processor cores of each process. */
  readonly threads: number;
  /** The time limit, as Slurm writes it, for example 04:00:00; see `secondsOfLimit`. */
  readonly time: string;
  /** What the processes do. */
  readonly work: RanksWork | ArrayWork;
}

/** A training on ranks. */
export interface RanksWork {
  /** One training for all processes. */
  readonly kind: "ranks";
  /** The command that every rank begins with, in words. */
  readonly begin: readonly string[];
  /** The command that goes on, and the file that is there once there is something to go on with. */
  readonly resume: { readonly command: readonly string[]; readonly where: string };
}

/** Tasks that take shards of something, and go on by the same command. */
export interface ArrayWork {
  /** Work that falls into parts. */
  readonly kind: "array";
  /** The command of every task, in words. */
  readonly command: readonly string[];
}

/** A text as one word of a shell. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** Words as a command of a shell. */
export const shellCommand = (words: readonly string[]): string => words.map(shellWord).join(" ");

/** The name of a job whose results are in a folder: lower-case letters, digits and hyphens, as DNS takes them. */
export const jobName = (folder: string): string =>
  `nlm-${basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")}`
    .slice(0, 40)
    .replace(/-+$/, "");

/**
 * The seconds of a time limit as Slurm writes it: minutes, minutes:seconds, hours:minutes:seconds, days-hours,
 * days-hours:minutes or days-hours:minutes:seconds.
 *
 * @throws invalid-value
 */
export function secondsOfLimit(time: string): number {
  const [, days, rest] = /^(?:(\d+)-)?(\d+(?::\d\d){0,2})$/.exec(time) ?? [];
  const parts = (rest ?? "").split(":").map(Number);
  const units = days !== undefined ? [3600, 60, 1] : parts.length === 3 ? [3600, 60, 1] : [60, 1];
  const seconds = parts.reduce(
    (sum, part, at) => sum + part * units[at]!,
    Number(days ?? 0) * 86_400,
  );
  if (seconds > 0) return seconds;
  throw new LangevinError(
    "invalid-value",
    `${JSON.stringify(time)} is not a time limit.`,
    "For example, 04:00:00 or 2-00:00:00.",
  );
}
