// Plainer methods that restore the same damaged images.
import {
  type HopfieldRule,
  hopfieldNetwork,
  hopfieldRecall,
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

/** Every image by itself, from its firing rates. */
const each =
  (restore: (rates: Float32Array, damaged: Damaged) => ArrayLike<number>): Restore =>
  (damaged) => {
    const rates = ratesOfStates(damaged.states);
    const { dimension } = damaged.patterns;
    const restored = new Float32Array(rates.length);
    for (let start = 0; start < rates.length; start += dimension) {
      restored.set(restore(rates.subarray(start, start + dimension), damaged), start);
    }
    return restored;
  };

/** Binary units, whose two states are black and white as encoded images have them. */
const hopfield =
  (rule: HopfieldRule): Restore =>
  (damaged) => {
    const network = hopfieldNetwork(damaged.patterns, rule);
    return each((rates, { seed }) =>
      hopfieldRecall(network, rates, { seed }).state.map((sign) => LARGEST_RATE * sign),
    )(damaged);
  };

/** What is done without any method. */
export const UNTOUCHED = "untouched";

/** All methods, by the names that they have in tables and figures. */
export const baselines: Readonly<Record<string, Restore>> = {
  "Hopfield Hebbian": hopfield("hebbian"),
  "Hopfield projection": hopfield("projection"),
  "nearest stored": ({ states, patterns }) =>
    nearestPatterns(points(ratesOfStates(states), patterns.dimension), patterns),
  "median filter": each((rates, { width }) => medianFilter(rates, width)),
  [UNTOUCHED]: each((rates) => rates),
};
