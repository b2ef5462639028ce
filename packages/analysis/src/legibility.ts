// How many generated images a person can read as a digit, and what the others are.
import { LangevinError } from "@neural-langevin/core";
import { type DigitJudgement, JUDGE_CLASSES, judgeDigits } from "./digit-judge.js";
import type { PointSet } from "./points.js";
import { shareEstimate } from "./statistics.js";

/** What some images show. `legible`, `otherDigits`, `inverted`, `empty` and `broken` add up to 1. */
export interface Legibility {
  /** Share of images that show one of the digits asked about. */
  readonly legible: number;
  /** Of `legible`, k of n: the deviation of Beta(k + 1, n − k + 1), which is above 0 for none and all. */
  readonly standardError: number;
  /** Share of images that show another digit. */
  readonly otherDigits: number;
  /** Share of images that show any digit in black on white. */
  readonly inverted: number;
  /** Share of images with next to nothing on them. */
  readonly empty: number;
  /** Share of all others: broken, joined and overlaid strokes, noise, and what could be two digits. */
  readonly broken: number;
  /** Share of every digit asked about among the legible images; NaN where none is legible. */
  readonly classShares: ReadonlyMap<number, number>;
  /** The digit that each image shows, −1 where none, shape [count]. */
  readonly digits: Int8Array;
  /** What the judge saw, with the features for `frechetDistance`. */
  readonly judgement: DigitJudgement;
}

const JUNK = JUDGE_CLASSES - 1;
/** Squares of 3 × 3 pixels that are brighter than half grey, below which an image has no stroke. */
const FEWEST_BRIGHT = 8;

/**
 * Reads images by `judgeDigits`. An image shows a digit that has a probability above `threshold`; it is
 * inverted when it shows none but its negative does.
 *
 * @param images shape [count][784], from −1 (black) to 1 (white)
 * @param options.classes the digits asked about; all ten unless given
 * @param options.threshold at least ½; 0.9 unless given
 * @throws wrong-length, invalid-value
 */
export function legibility(
  images: PointSet,
  options: { readonly classes?: readonly number[]; readonly threshold?: number } = {},
): Legibility {
  const { classes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], threshold = 0.9 } = options;
  for (const digit of classes) {
    if (!Number.isInteger(digit) || digit < 0 || digit >= JUNK) {
      throw new LangevinError("invalid-value", `classes must be digits from 0 to 9, not ${digit}.`);
    }
  }
  if (!(threshold >= 0.5 && threshold < 1)) {
    throw new LangevinError(
      "invalid-value",
      `threshold must be at least 0.5 and below 1, not ${threshold}.`,
    );
  }
  const { values, count, dimension } = images;
  const judgement = judgeDigits(images);
  const digits = read(judgement, threshold);
  const unread = [...digits.keys()].filter((image) => digits[image]! < 0);
  const negatives = new Float64Array(unread.length * dimension);
  unread.forEach((image, at) => {
    const own = values.subarray(image * dimension, (image + 1) * dimension);
    negatives.set(
      own.map((value) => -value),
      at * dimension,
    );
  });
  const ofNegatives = read(
    judgeDigits({ values: negatives, count: unread.length, dimension }),
    threshold,
  );
  const unclear = unread.filter((_, at) => ofNegatives[at]! < 0);
  const empty = unclear.filter((image) => isEmpty(images, image));

  const shown = [...digits].filter((digit) => digit >= 0);
  const counts = new Map(
    [...new Set(classes)].map((digit) => [digit, shown.filter((other) => other === digit).length]),
  );
  const legible = [...counts.values()].reduce((sum, of) => sum + of, 0);
  return {
    legible: legible / count,
    standardError: shareEstimate(legible, count).standardError,
    otherDigits: (shown.length - legible) / count,
    inverted: (unread.length - unclear.length) / count,
    empty: empty.length / count,
    broken: (unclear.length - empty.length) / count,
    classShares: new Map([...counts].map(([digit, of]) => [digit, of / legible])),
    digits,
    judgement,
  };
}

/** The digit of every image that is more probable than the threshold, or −1. */
function read({ probabilities }: DigitJudgement, threshold: number): Int8Array {
  return Int8Array.from({ length: probabilities.length / JUDGE_CLASSES }, (_, image) =>
    probabilities
      .subarray(image * JUDGE_CLASSES, image * JUDGE_CLASSES + JUNK)
      .findIndex((probability) => probability > threshold),
  );
}

/** Whether an image has no stroke: hardly a 3 × 3 square of it is brighter than half grey. */
function isEmpty({ values, dimension }: PointSet, image: number): boolean {
  const size = Math.sqrt(dimension);
  let bright = 0;
  for (let row = 1; row < size - 1; row++) {
    for (let column = 1; column < size - 1; column++) {
      let sum = 0;
      for (let y = row - 1; y <= row + 1; y++) {
        for (let x = column - 1; x <= column + 1; x++) {
          sum += values[image * dimension + y * size + x]!;
        }
      }
      if (sum > 0) bright += 1;
    }
  }
  return bright < FEWEST_BRIGHT;
}
