// The quality of generated images, by one definition for every command, experiment and page that names it.
import { permutation, streams } from "@neural-langevin/core";
import { adversarialAccuracy } from "./adversarial-accuracy.js";
import { covarianceError, covarianceErrorEstimate } from "./covariance.js";
import { type PointSet, points } from "./points.js";
import { type Estimate, mean, shareEstimate } from "./statistics.js";

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
 * @throws wrong-length (points of two dimensions)
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

/** Groups into which both sets are cut, and how often they are cut anew. */
const GROUPS = 10;
const PARTITIONS = 4;
/** Points of a group below which there are fewer groups. */
const LEAST = 8;

/**
 * The same comparison with standard errors: the deviation of each measure over sets drawn anew, real and generated.
 *
 * - A_S and A_T: the deviation between K = 10 disjoint groups of both sets over √K, with the variance averaged over 4
 *   random partitions. (A bootstrap would draw points twice, which are their own nearest neighbours.) Where all groups agree,
 *   as on 0 or 1, that of `shareEstimate`.
 * - AAI: from those of A_S and A_T and their covariance, to second order, because it is flat where both are ½.
 * - E⁽²⁾: the jackknife over the groups; see `covarianceErrorEstimate`.
 *
 * Errors are sure to about a fifth, and NaN for fewer than 4 points.
 *
 * @throws wrong-length (points of two dimensions)
 */
export function qualityEstimate(generated: PointSet, real: PointSet): QualityEstimate {
  const value = quality(generated, real);
  const count = Math.min(generated.count, real.count);
  const [ours, theirs] = [firstPoints(generated, count), firstPoints(real, count)];
  const negatives = shareEstimate(Math.round(value.negativeShare * count), count);
  const number = Math.max(2, Math.min(GROUPS, Math.floor(count / LEAST)));
  const size = Math.floor(count / number);
  if (size < 2) {
    const unknown = (measure: number) => ({ value: measure, standardError: Number.NaN });
    return {
      realAccuracy: unknown(value.realAccuracy),
      generatedAccuracy: unknown(value.generatedAccuracy),
      adversarialError: unknown(value.adversarialError),
      covarianceError: unknown(value.covarianceError),
      negativeShare: negatives,
    };
  }
  const partition = (step: number) => {
    const order = permutation({ seed: 0, stream: streams.dataOrder, step }, count);
    return Array.from({ length: number }, (_, at) => order.subarray(at * size, (at + 1) * size));
  };
  const partitions = Array.from({ length: PARTITIONS }, (_, at) => {
    const drawn = partition(2 * at + 1);
    return partition(2 * at).map((places, group) => ({ real: places, generated: drawn[group]! }));
  });
  // Variances and the covariance of A_S and A_T, of groups and so of all points.
  let [varianceS, varianceT, together] = [0, 0, 0];
  for (const groups of partitions) {
    const shares = groups.map((group) =>
      adversarialAccuracy(pick(theirs, group.real), pick(ours, group.generated)),
    );
    const s = centred(shares.map((share) => share.real));
    const t = centred(shares.map((share) => share.generated));
    const scale = size / count / (number - 1) / PARTITIONS;
    varianceS += dot(s, s) * scale;
    varianceT += dot(t, t) * scale;
    together += dot(s, t) * scale;
  }
  varianceS ||= shareEstimate(value.realAccuracy * count, count).standardError ** 2;
  varianceT ||= shareEstimate(value.generatedAccuracy * count, count).standardError ** 2;
  const [s, t] = [value.realAccuracy - 0.5, value.generatedAccuracy - 0.5];
  // The squares of what s and t are on average, which those of one draw exceed by the variance.
  const slopeS = Math.max(0, s ** 2 - varianceS);
  const slopeT = Math.max(0, t ** 2 - varianceT);
  const varianceOfError =
    slopeS * varianceS +
    varianceS ** 2 / 2 +
    slopeT * varianceT +
    varianceT ** 2 / 2 +
    (2 * s * t - together) * together;
  const withVariance = (measure: number, variance: number): Estimate => ({
    value: measure,
    standardError: Math.sqrt(Math.max(0, variance)),
  });
  return {
    realAccuracy: withVariance(value.realAccuracy, varianceS),
    generatedAccuracy: withVariance(value.generatedAccuracy, varianceT),
    adversarialError: withVariance(value.adversarialError, varianceOfError),
    covarianceError: covarianceErrorEstimate(theirs, ours, partitions[0]!),
    negativeShare: negatives,
  };
}

/** Some points of a set, by their places. */
function pick({ values, dimension }: PointSet, places: Uint32Array): PointSet {
  const result = new Float64Array(places.length * dimension);
  places.forEach((place, at) => {
    result.set(values.subarray(place * dimension, (place + 1) * dimension), at * dimension);
  });
  return points(result, dimension);
}

function centred(values: readonly number[]): number[] {
  const centre = mean(values);
  return values.map((value) => value - centre);
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, at) => sum + value * b[at]!, 0);

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
