// The quality of generated images, by one definition for every command, experiment and page that names it.
import { adversarialAccuracy, adversarialAccuracyEstimate } from "./adversarial-accuracy.js";
import { covarianceError, covarianceErrorEstimate } from "./covariance.js";
import { pairedGroups } from "./paired-groups.js";
import { type PointSet, points } from "./points.js";
import { type Estimate, shareEstimate } from "./statistics.js";

/** Measures of generated firing rates against real ones. */
export interface Quality {
  /** A_S, the share of real points whose nearest neighbour is real; ½ where both sets are alike. */
  readonly realAccuracy: number;
  /** A_T, the share of generated points whose nearest neighbour is generated; ½ where both sets are alike. */
  readonly generatedAccuracy: number;
  /** AAI = ½[(A_S − ½)² + (A_T − ½)²]. Copies and total mismatch both give 0.25. */
  readonly adversarialError: number;
  /** E⁽²⁾, the mean squared difference of the covariance matrices' entries. */
  readonly covarianceError: number;
  /** The share of generated images that are negatives; see `negativeShare`. */
  readonly negativeShare: number;
}

/**
 * Compares generated with real images, by firing rates from −1 (black) to 1 (white). Both measures depend on the
 * number of points, so the larger set is cut to the size of the smaller.
 *
 * @throws wrong-length (points of two dimensions); invalid-value, not-finite
 */
export function quality(generated: PointSet, real: PointSet): Quality {
  const count = Math.min(generated.count, real.count);
  const [ours, theirs] = [firstPoints(generated, count), firstPoints(real, count)];
  const accuracy = adversarialAccuracy(theirs, ours);
  return {
    realAccuracy: accuracy.real,
    generatedAccuracy: accuracy.generated,
    adversarialError: accuracy.error,
    covarianceError: covarianceError(theirs, ours),
    negativeShare: negativeShare(ours),
  };
}

/** The measures of `Quality`, each with its standard error. */
export type QualityEstimate = { readonly [Name in keyof Quality]: Estimate };

/**
 * The same comparison with standard errors: the deviation of each measure over sets drawn anew, real and generated.
 *
 * - A_S, A_T and AAI: see `adversarialAccuracyEstimate`.
 * - E⁽²⁾: the jackknife over groups of both; see `covarianceErrorEstimate`.
 *
 * Errors are sure to about a fifth, and NaN for fewer than 4 points.
 *
 * @throws wrong-length (points of two dimensions); invalid-value, not-finite
 */
export function qualityEstimate(generated: PointSet, real: PointSet): QualityEstimate {
  const count = Math.min(generated.count, real.count);
  const [ours, theirs] = [firstPoints(generated, count), firstPoints(real, count)];
  const accuracy = adversarialAccuracyEstimate(theirs, ours);
  const [groups] = pairedGroups(count);
  return {
    realAccuracy: accuracy.real,
    generatedAccuracy: accuracy.generated,
    adversarialError: accuracy.error,
    covarianceError: groups
      ? covarianceErrorEstimate(theirs, ours, groups)
      : { value: covarianceError(theirs, ours), standardError: Number.NaN },
    negativeShare: shareEstimate(Math.round(negativeShare(ours) * count), count),
  };
}

/**
 * The share of images whose mean firing rate is above 0, brighter than mid-grey. White digits on black never are;
 * their negatives are, and a machine without bias generates both equally often, because E(−x) = E(x).
 */
export function negativeShare({ values, count, dimension }: PointSet): number {
  let negatives = 0;
  for (let point = 0; point < count; point++) {
    let sum = 0;
    for (let at = point * dimension; at < (point + 1) * dimension; at++) sum += values[at]!;
    if (sum > 0) negatives++;
  }
  return negatives / count;
}

const firstPoints = ({ values, dimension }: PointSet, count: number): PointSet =>
  points(values.subarray(0, count * dimension), dimension);
