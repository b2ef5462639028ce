// The files of a run, as names and text: the same on a disk and in a browser.
import { LangevinError } from "@neural-langevin/core";
import type { Split } from "./training-data.js";

/** One line of metrics: the update it belongs to, and numbers by name. */
export type MetricsRow = { readonly update: number } & Readonly<Record<string, number | null>>;

/** Which images are learned and which are kept back, as `Split`. */
export const SPLIT_FILE = "split.json";

/**
 * Reads split.json.
 *
 * @param name the file's name, for errors
 * @throws bad-file
 */
export function parseSplit(text: string, name: string): Split {
  const places = (value: unknown) =>
    Array.isArray(value) && value.every((place) => Number.isSafeInteger(place) && place >= 0);
  let split: Partial<Split> | null = null;
  try {
    split = JSON.parse(text);
  } catch {
    // Said below, as for JSON that is no split.
  }
  const isSplit =
    Number.isSafeInteger(split?.seed) &&
    Number.isSafeInteger(split?.count) &&
    ["training", "test"].includes(String(split?.heldOutFrom)) &&
    places(split?.training) &&
    places(split?.heldOut);
  if (isSplit) return split as Split;
  throw new LangevinError(
    "bad-file",
    `${name} does not say which images a run learned and which it kept back.`,
    "Bring back the file that the run began with.",
  );
}

/** The file name of the checkpoint of an update. */
export const checkpointName = (update: number): string =>
  `${String(update).padStart(9, "0")}.safetensors`;

/** The update of a checkpoint's file name; undefined for any other name. */
export function checkpointUpdate(name: string): number | undefined {
  const match = /^(\d{9,})\.safetensors$/.exec(name);
  return match ? Number(match[1]) : undefined;
}

/** The updates of the checkpoints among some file names, ascending. */
export const checkpointUpdates = (names: readonly string[]): number[] =>
  names
    .map(checkpointUpdate)
    .filter((update) => update !== undefined)
    .sort((a, b) => a - b);

/** metrics.jsonl: one row a line. */
export const metricsText = (rows: readonly MetricsRow[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/**
 * Reads metrics.jsonl. A last line without its end is left out: its writer was stopped in the middle of it.
 *
 * @param name the file's name, for errors
 * @throws bad-file
 */
export const parseMetrics = (text: string, name: string): MetricsRow[] =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line, index) => parseJson(line, `${name}, line ${index + 1}`) as MetricsRow);

/** Parses JSON from some place. Throws `bad-file`. */
export function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new LangevinError("bad-file", `${where} is not JSON.`);
  }
}
