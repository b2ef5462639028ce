// What images of digits show, by a network that tells the ten digits from junk: for machines that learned MNIST.
import {
  type Estimate,
  frechetDistance,
  type Legibility,
  legibility,
  nearestDistanceRatio,
  type PointSet,
  points,
  shareEstimate,
  withinClassVarianceRatio,
} from "@neural-langevin/analysis";
import { encodeImages, type ImageSet, ratesOfStates } from "@neural-langevin/datasets";
import type { TrainingData } from "@neural-langevin/runs";

/** Measures of generated digits, with standard errors; the judge is `legibility`. */
export interface DigitMeasures {
  readonly images: number;
  /** Share that shows one of the learned digits. */
  readonly legible: Estimate;
  /** Where digits were asked for: share that shows the one asked for, of all and of each digit. */
  readonly asked?: { readonly all: Estimate; readonly each: Readonly<Record<string, Estimate>> };
  /** Share of every learned digit among the legible images. */
  readonly classShares: Readonly<Record<string, Estimate>>;
  readonly inverted: Estimate;
  readonly empty: Estimate;
  readonly broken: Estimate;
  /** Fréchet distance to held-out images in the judge's features. */
  readonly frechetDistance: Estimate;
  /** Variance within a digit over that of held-out images. */
  readonly varianceRatio: Estimate;
  /** Distance to the nearest training image over that of held-out images. */
  readonly nearestRatio: Estimate;
}

/** Whether the judge can read these images: it knows MNIST's digits only. */
export const isMnist = ({ source, width, height }: ImageSet): boolean =>
  source.startsWith("MNIST (") && width === 28 && height === 28;

/** Training images among which the nearest is looked for. */
const NEAREST_AMONG = 3000;

/** Real images as the judge sees them, computed once for several measures. */
export interface RealDigits {
  readonly heldOut: PointSet;
  readonly training: PointSet;
  readonly labels: Uint8Array;
  readonly classes: readonly number[];
  readonly read: Legibility;
}

/** Held-out digits, judged, and training images to hold against. */
export function realDigits({ training, heldOut, heldOutRates, pixels }: TrainingData): RealDigits {
  const classes = [...new Set(training.labels)].sort((a, b) => a - b);
  const first = { pixels: training.pixels.subarray(0, NEAREST_AMONG * pixels) };
  const held = points(heldOutRates, pixels);
  return {
    heldOut: held,
    training: points(ratesOfStates(encodeImages(first)), pixels),
    labels: heldOut.labels!,
    classes,
    read: legibility(held, { classes }),
  };
}

/**
 * Measures generated digits.
 *
 * @param rates firing rates of the pixels, shape [count][784]
 * @param asked the digit that was asked for in each, where one was
 */
export function measureDigits(
  rates: Float32Array,
  real: RealDigits,
  asked?: ArrayLike<number>,
): DigitMeasures {
  const { heldOut, training, labels, classes } = real;
  const generated = points(rates, heldOut.dimension);
  const { count } = generated;
  const read = legibility(generated, { classes });
  const share = (value: number) => shareEstimate(Math.round(value * count), count);
  const legible = Math.round(read.legible * count);
  const shares = [...read.classShares].map(
    ([digit, of]) => [digit, shareEstimate(legible && Math.round(of * legible), legible)] as const,
  );
  const hits = (places: readonly number[]) =>
    shareEstimate(
      places.filter((place) => read.digits[place] === asked![place]).length,
      places.length,
    );
  const all = [...read.digits.keys()];
  const each = classes.map(
    (digit) => [digit, hits(all.filter((place) => asked?.[place] === digit))] as const,
  );
  return {
    images: count,
    legible: share(read.legible),
    ...(asked && { asked: { all: hits(all), each: Object.fromEntries(each) } }),
    classShares: Object.fromEntries(shares),
    inverted: share(read.inverted),
    empty: share(read.empty),
    broken: share(read.broken),
    frechetDistance: frechetDistance(read.judgement.features, real.read.judgement.features),
    varianceRatio: withinClassVarianceRatio(generated, read.digits, heldOut, labels),
    nearestRatio: nearestDistanceRatio(generated, training, heldOut),
  };
}
