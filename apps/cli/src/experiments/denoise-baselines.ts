// Plainer methods that restore the same damaged images, and how far an image is from the one that was stored.
import {
  type HopfieldRule,
  hopfieldNetwork,
  hopfieldRecall,
  mean,
  medianFilter,
  nearestPatterns,
  type PointSet,
  points,
} from "@neural-langevin/analysis";
import { LARGEST_RATE, ratesOfStates } from "@neural-langevin/datasets";

/** Damaged copies of stored images: image i is a copy of pattern i modulo their number. */
export interface Damaged {
  /** States, shape [images][N]. */
  readonly states: Float32Array;
  /** Firing rates of the stored images, shape [P][N]. */
  readonly patterns: PointSet;
  /** Pixels of an image's row. */
  readonly width: number;
  readonly seed: number;
}

/** Restored firing rates, shape [images][N]. */
type Restore = (damaged: Damaged) => Float32Array | Float64Array;

const rowsOf = (values: Float32Array, length: number): Float32Array[] =>
  Array.from({ length: values.length / length }, (_, row) =>
    values.subarray(row * length, (row + 1) * length),
  );

/** Every image by itself, from its firing rates. */
const each =
  (restore: (rates: Float32Array, damaged: Damaged) => ArrayLike<number>): Restore =>
  (damaged) => {
    const rates = ratesOfStates(damaged.states);
    const { dimension } = damaged.patterns;
    const restored = new Float32Array(rates.length);
    rowsOf(rates, dimension).forEach((row, image) => {
      restored.set(restore(row, damaged), image * dimension);
    });
    return restored;
  };

/** Binary units, whose two states stand for black and white as encoded images have them. */
const hopfield = (rule: HopfieldRule): Restore => {
  return (damaged) => {
    const network = hopfieldNetwork(damaged.patterns, rule);
    return each((rates, { seed }) =>
      hopfieldRecall(network, rates, { seed }).state.map((sign) => LARGEST_RATE * sign),
    )(damaged);
  };
};

/** All methods, by the names that they have in tables and figures. */
export const methods: Readonly<Record<string, Restore>> = {
  "Hopfield Hebbian": hopfield("hebbian"),
  "Hopfield projection": hopfield("projection"),
  "nearest stored": ({ states, patterns }) =>
    nearestPatterns(points(ratesOfStates(states), patterns.dimension), patterns),
  "median filter": each((rates, { width }) => medianFilter(rates, width)),
  untouched: each((rates) => rates),
};

/**
 * Root mean square distance of every image's firing rates from those of the stored one.
 *
 * @param rates restored, shape [images][N]
 */
export function distances(rates: Float32Array | Float64Array, { patterns }: Damaged): Float64Array {
  const { dimension, count, values } = patterns;
  const squares = new Float64Array(rates.length / dimension);
  rates.forEach((rate, at) => {
    const image = Math.floor(at / dimension);
    const stored = values[(image % count) * dimension + (at % dimension)]!;
    squares[image]! += (rate - stored) ** 2 / dimension;
  });
  return squares.map(Math.sqrt);
}

/** An image has come back when its distance is below this eighth of the rates' range; images in black and white may. */
export const BACK = 0.25;

/** Share of the images that have come back. */
export const backShare = (distance: ArrayLike<number>): number =>
  mean(Array.from(distance, (one) => (one < BACK ? 1 : 0)));
