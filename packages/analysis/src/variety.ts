// Whether generated points vary as real ones do, and whether they are copies: two ratios that are 1 for real
// points which nobody learned from.
import { LangevinError } from "@neural-langevin/core";
import { requireLength } from "@neural-langevin/core/backend";
import { nearestNeighbours } from "./nearest-neighbours.js";
import { type PointSet, requireSameSpace } from "./points.js";
import { type Estimate, meanEstimate } from "./statistics.js";

/**
 * Variance within a class over that of real points: the mean over generated points x of class c, with n_c of
 * them and mean x̄_c, of ‖x − x̄_c‖²·n_c/(n_c − 1)/tr Σ_c, where Σ_c is the covariance of the real points of
 * class c. The same prototype drawn again and again gives 0.
 *
 * @param labels of the generated points, shape [count], as `legibility` reads them. Those of −1 do not count, and neither
 *   do classes with a single point
 * @returns NaN where nothing counts; the standard error is that of a mean over independent points
 * @throws wrong-length, invalid-value (a class with fewer than two real points)
 */
export function withinClassVarianceRatio(
  generated: PointSet,
  labels: Int8Array | Uint8Array,
  real: PointSet,
  realLabels: Int8Array | Uint8Array,
): Estimate {
  requireSameSpace(generated, real);
  requireLength("labels", labels, generated.count);
  requireLength("realLabels", realLabels, real.count);
  const ratios = [...new Set(labels)].flatMap((label) => {
    const own = squaredDeviations(generated, labels, label);
    if (label < 0 || own.length < 2) return [];
    const others = squaredDeviations(real, realLabels, label);
    if (others.length < 2) {
      throw new LangevinError(
        "invalid-value",
        `Class ${label} was generated, but the real points have ${others.length} of it.`,
        "Give at least two real points of every class.",
      );
    }
    const variance = meanEstimate(others).value;
    return own.map((deviation) => deviation / variance);
  });
  return meanEstimate(ratios);
}

/**
 * The mean distance of generated points to their nearest training points over that of held-out real points.
 * Copies give 0.
 *
 * @param real the mean distance of held-out real points to theirs: `nearestDistance(heldOut, training)`
 * @throws wrong-length (points of different dimensions); invalid-value
 */
export function nearestDistanceRatio(
  generated: PointSet,
  training: PointSet,
  real: Estimate,
): Estimate {
  const own = nearestDistance(generated, training);
  const value = own.value / real.value;
  const relative = Math.hypot(own.standardError, value * real.standardError);
  return { value, standardError: relative / real.value };
}

/**
 * The mean distance of points to the nearest of other points.
 *
 * @throws wrong-length (points of different dimensions); invalid-value
 */
export const nearestDistance = (of: PointSet, others: PointSet): Estimate =>
  meanEstimate([...nearestNeighbours(of, others, 1).squaredDistances].map(Math.sqrt));

/** ‖x − x̄‖²·n/(n − 1) of the points of one class; their mean is the trace of its covariance. */
function squaredDeviations(
  { values, dimension }: PointSet,
  labels: ArrayLike<number>,
  label: number,
): number[] {
  const points = Array.from(labels).flatMap((other, point) =>
    other === label ? [values.subarray(point * dimension, (point + 1) * dimension)] : [],
  );
  const centre = new Float64Array(dimension);
  for (const point of points) {
    for (let i = 0; i < dimension; i++) centre[i]! += point[i]! / points.length;
  }
  return points.map((point) => {
    let sum = 0;
    for (let i = 0; i < dimension; i++) sum += (point[i]! - centre[i]!) ** 2;
    return (sum * points.length) / (points.length - 1);
  });
}
