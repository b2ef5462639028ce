// How good generated states are, against as many training images: the comparison of the paper.
import {
  adversarialAccuracy,
  covarianceError,
  type PointSet,
  points,
} from "@neural-langevin/analysis";
import { ratesOfStates } from "@neural-langevin/datasets";
import type { TrainingData } from "@neural-langevin/runs";
import { mean } from "../mean.js";
import { fixed } from "./statistics.js";

/** Measures in firing rates. */
export interface Quality {
  readonly A_S: number;
  readonly A_T: number;
  readonly AAI: number;
  /** E⁽²⁾. */
  readonly covarianceError: number;
  /** Share of generated images that are brighter than mid-grey, as digits never are: their negatives. */
  readonly negatives: number;
}

/** A quality as a row of numbers, and back. */
export const qualityRow = ({ A_S, A_T, AAI, covarianceError, negatives }: Quality): number[] => [
  ...[A_S, A_T, AAI, covarianceError, negatives],
];
export const qualityOfRow = (row: ArrayLike<number>): Quality => ({
  ...{ A_S: row[0]!, A_T: row[1]!, AAI: row[2]!, covarianceError: row[3]!, negatives: row[4]! },
});

/** Numbers of a quality in a row. */
export const QUALITY_WIDTH = 5;

/** Compares generated states, shape [count][N], with the first training images. */
export function quality(states: Float32Array, { states: training, units }: TrainingData): Quality {
  const count = Math.min(states.length, training.length) / units;
  const real = points(ratesOfStates(training.subarray(0, count * units)), units);
  const generated = points(ratesOfStates(states.subarray(0, count * units)), units);
  const accuracy = adversarialAccuracy(real, generated);
  return {
    A_S: accuracy.real,
    A_T: accuracy.generated,
    AAI: accuracy.error,
    covarianceError: covarianceError(real, generated),
    negatives: brightShare(generated),
  };
}

/** The share of points that are brighter than mid-grey, which digits never are. */
export function brightShare({ values, count, dimension }: PointSet): number {
  let bright = 0;
  for (let point = 0; point < count; point++) {
    if (mean(values.subarray(point * dimension, (point + 1) * dimension)) > 0) bright++;
  }
  return bright / count;
}

export const describeQuality = ({ A_S, A_T, AAI, covarianceError, negatives }: Quality): string =>
  `A_S ${fixed(A_S, 2)}, A_T ${fixed(A_T, 2)}, AAI ${fixed(AAI, 4)}, E⁽²⁾ ${fixed(covarianceError, 4)}, ` +
  `${Math.round(100 * negatives)} % negatives`;
