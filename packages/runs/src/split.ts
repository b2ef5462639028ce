// Which images a run learns and which it keeps back: fixed when it begins, in split.json.
import { LangevinError } from "@neural-langevin/core";
import type { TrainingSettings } from "./settings.js";

/** The file of a run that holds its `Split`. */
export const SPLIT_FILE = "split.json";

/** Which images are learned and which are kept back, by their places in the data from 0: split.json. */
export interface Split {
  /** The seed that drew it. */
  readonly seed: number;
  /** Where the images that are kept back come from: the training images, or the test part of the data. */
  readonly heldOutFrom: TrainingSettings["held-out-from"];
  /** Training images that the data have. */
  readonly count: number;
  /** Places of those that are learned, in their order. */
  readonly training: readonly number[];
  /** Places of those that are kept back. */
  readonly heldOut: readonly number[];
}

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
    // Said below, as for JSON that is not a split.
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
