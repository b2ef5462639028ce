// Nearest-neighbour adversarial accuracy: can a nearest neighbour tell generated from real points?
import { LangevinError } from "@neural-langevin/core";
import { nearestNeighbours } from "./nearest-neighbours.js";
import { pairedGroups, pick } from "./paired-groups.js";
import type { PointSet } from "./points.js";
import { type Estimate, mean, shareEstimate } from "./statistics.js";

/** Shares of points whose nearest neighbour lies in their own set. ½ and ½ is indistinguishable. */
export interface AdversarialAccuracy {
  /** A_S, of the real points. */
  readonly real: number;
  /** A_T, of the generated points. */
  readonly generated: number;
  /** AAI = ½[(A_S − ½)² + (A_T − ½)²]. Copies and total mismatch both give 0.25. */
  readonly error: number;
}

/**
 * Adversarial accuracy of two sets of equal size (Yale et al., Neurocomputing 2020): the share of
 * points whose nearest other point, by L2, lies in their own set. A tie counts as the other set's.
 *
 * @throws invalid-value (unequal sizes), wrong-length
 */
export function adversarialAccuracy(real: PointSet, generated: PointSet): AdversarialAccuracy {
  if (real.count !== generated.count) {
    throw new LangevinError(
      "invalid-value",
      `Both sets must have the same size, not ${real.count} and ${generated.count} points.`,
      "Leave out points of the larger set.",
    );
  }
  const share = (own: PointSet, other: PointSet) => {
    const within = nearestNeighbours(own, own, 1, true).squaredDistances;
    const across = nearestNeighbours(own, other, 1).squaredDistances;
    return within.filter((distance, point) => distance < across[point]!).length / own.count;
  };
  const shares = { real: share(real, generated), generated: share(generated, real) };
  return {
    ...shares,
    error: ((shares.real - 0.5) ** 2 + (shares.generated - 0.5) ** 2) / 2,
  };
}

/** The same shares, each with its standard error. */
export type AdversarialAccuracyEstimate = {
  readonly [Name in keyof AdversarialAccuracy]: Estimate;
};

/**
 * Adversarial accuracy with standard errors: the deviation of each number over sets drawn anew, real and generated.
 *
 * - A_S and A_T: the deviation between K ≤ 10 disjoint groups of both sets over √K, with the variance averaged over 4
 *   random partitions. (A bootstrap would draw points twice, which are their own nearest neighbours.) Where all groups agree,
 *   as on 0 or 1, that of `shareEstimate`.
 * - AAI: from those of A_S and A_T and their covariance, to second order, because it is flat where both are ½.
 *
 * Errors are sure to about a fifth, and NaN for fewer than 4 points.
 *
 * @throws invalid-value (unequal sizes), wrong-length; not-finite
 */
export function adversarialAccuracyEstimate(
  real: PointSet,
  generated: PointSet,
): AdversarialAccuracyEstimate {
  const value = adversarialAccuracy(real, generated);
  const { count } = real;
  const partitions = pairedGroups(count);
  // Variances and the covariance of A_S and A_T, of groups and so of all points.
  let [varianceS, varianceT, together] = [0, 0, 0];
  for (const groups of partitions) {
    const shares = groups.map((group) =>
      adversarialAccuracy(pick(real, group.real), pick(generated, group.generated)),
    );
    const s = centred(shares.map((share) => share.real));
    const t = centred(shares.map((share) => share.generated));
    const scale = groups[0]!.real.length / count / (groups.length - 1) / partitions.length;
    varianceS += dot(s, s) * scale;
    varianceT += dot(t, t) * scale;
    together += dot(s, t) * scale;
  }
  varianceS ||= shareEstimate(value.real * count, count).standardError ** 2;
  varianceT ||= shareEstimate(value.generated * count, count).standardError ** 2;
  const [s, t] = [value.real - 0.5, value.generated - 0.5];
  // The squares of what s and t are on average, which those of one draw exceed by the variance.
  const slopeS = Math.max(0, s ** 2 - varianceS);
  const slopeT = Math.max(0, t ** 2 - varianceT);
  const varianceOfError =
    slopeS * varianceS +
    varianceS ** 2 / 2 +
    slopeT * varianceT +
    varianceT ** 2 / 2 +
    (2 * s * t - together) * together;
  const known = partitions.length > 0;
  const withVariance = (measure: number, variance: number): Estimate => ({
    value: measure,
    standardError: known ? Math.sqrt(Math.max(0, variance)) : Number.NaN,
  });
  return {
    real: withVariance(value.real, varianceS),
    generated: withVariance(value.generated, varianceT),
    error: withVariance(value.error, varianceOfError),
  };
}

function centred(values: readonly number[]): number[] {
  const centre = mean(values);
  return values.map((value) => value - centre);
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, at) => sum + value * b[at]!, 0);
