// Everything that is measured of generated digits against real ones, by a judge that reads MNIST's digits.
import { judgeDigits } from "./digit-judge.js";
import { type FrechetReference, frechetDistance, frechetReference } from "./frechet-distance.js";
import { legibility } from "./legibility.js";
import type { PointSet } from "./points.js";
import { type Estimate, shareEstimate } from "./statistics.js";
import { nearestDistance, nearestDistanceRatio, withinClassVarianceRatio } from "./variety.js";

/** Measures of generated digits, with standard errors; the judge is `legibility`. */
export interface DigitMeasures {
  /** How many generated images were measured. */
  readonly images: number;
  /** Share that shows one of the learned digits. */
  readonly legible: Estimate;
  /** Where digits were asked for: share that shows the one asked for, of all and of each digit. */
  readonly asked?: { readonly all: Estimate; readonly each: Readonly<Record<string, Estimate>> };
  /** Share of every learned digit among the legible images. */
  readonly classShares: Readonly<Record<string, Estimate>>;
  /** Share that shows none, but whose negative does. */
  readonly inverted: Estimate;
  /** Share that is black, white or grey all over. */
  readonly empty: Estimate;
  /** Share of all others, as of `Legibility`. */
  readonly broken: Estimate;
  /** Fréchet distance to held-out images in the judge's features. */
  readonly frechetDistance: Estimate;
  /** Variance within a digit over that of held-out images, for learned digits with at least two of these. */
  readonly varianceRatio: Estimate;
  /** Distance to the nearest training image over that of held-out images. */
  readonly nearestRatio: Estimate;
}

/** Real digits as the judge sees them, computed once for several measures. */
export interface RealDigits {
  /** Firing rates of images that nobody learned from, shape [count][784]. */
  readonly heldOut: PointSet;
  /** The digits of the held-out images, shape [count]. */
  readonly labels: Uint8Array;
  /** Firing rates of images that were learned. */
  readonly training: PointSet;
  /** The digits that were learned. */
  readonly classes: readonly number[];
  /** What the judge sees in the held-out images. */
  readonly features: FrechetReference;
  /** Mean distance of the held-out images to the nearest training image. */
  readonly nearest: Estimate;
}

/** Training images among which the nearest is looked for: the first ones. */
export const NEAREST_AMONG = 3000;

/**
 * Judges real digits.
 *
 * @param real.training the first 3000 count
 * @throws wrong-length, invalid-value (as `legibility`)
 */
export function realDigits(real: Omit<RealDigits, "features" | "nearest">): RealDigits {
  const { heldOut } = real;
  const count = Math.min(real.training.count, NEAREST_AMONG);
  const values = real.training.values.subarray(0, count * real.training.dimension);
  const training = { ...real.training, values, count };
  return {
    ...real,
    training,
    features: frechetReference(judgeDigits(heldOut).features),
    nearest: nearestDistance(heldOut, training),
  };
}

/**
 * Measures generated digits.
 *
 * @param generated firing rates of the pixels, 784 for each image
 * @param asked the digit that was asked for in each, where one was
 * @throws wrong-length, invalid-value
 */
export function measureDigits(
  generated: PointSet,
  real: RealDigits,
  asked?: ArrayLike<number>,
): DigitMeasures {
  const { heldOut, training, labels, classes } = real;
  const { count } = generated;
  const read = legibility(generated, { classes });
  const share = (value: number) => shareEstimate(Math.round(value * count), count);
  const legible = Math.round(read.legible * count);
  const shares = [...read.classShares].map(
    ([digit, of]) => [digit, shareEstimate(legible && Math.round(of * legible), legible)] as const,
  );
  return {
    images: count,
    legible: share(read.legible),
    ...(asked && { asked: askedShares(read.digits, asked, classes) }),
    classShares: Object.fromEntries(shares),
    inverted: share(read.inverted),
    empty: share(read.empty),
    broken: share(read.broken),
    frechetDistance: frechetDistance(read.judgement.features, real.features),
    varianceRatio: withinClassVarianceRatio(
      generated,
      comparable(read.digits, real),
      heldOut,
      labels,
    ),
    nearestRatio: nearestDistanceRatio(generated, training, real.nearest),
  };
}

/** Digits of images with −1 for those whose variance has nothing to be compared with. */
function comparable(digits: Int8Array, { labels, classes }: RealDigits): Int8Array {
  const counted = classes.filter((digit) => labels.filter((label) => label === digit).length >= 2);
  return digits.map((digit) => (counted.includes(digit) ? digit : -1));
}

/** Share of images that show the digit asked for, of all and of each digit. */
function askedShares(
  digits: Int8Array,
  asked: ArrayLike<number>,
  classes: readonly number[],
): NonNullable<DigitMeasures["asked"]> {
  const hits = (places: readonly number[]) => {
    const shown = places.filter((place) => digits[place] === asked[place]);
    return shareEstimate(shown.length, places.length);
  };
  const all = [...digits.keys()];
  const each = classes.map(
    (digit) => [digit, hits(all.filter((place) => asked[place] === digit))] as const,
  );
  return { all: hits(all), each: Object.fromEntries(each) };
}
