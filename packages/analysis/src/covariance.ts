// Second moments of real and generated points.
import { type PointSet, requireSameSpace } from "./points.js";
import { type Estimate, jackknifeError } from "./statistics.js";

/**
 * x̄, the mean of all points, shape [dimension].
 *
 * @param times how often each point counts, as many in all as there are points; once unless given
 */
export function meanPoint(set: PointSet, times?: Float64Array): Float64Array {
  const { values, count, dimension } = set;
  const sum = new Float64Array(dimension);
  for (let point = 0, at = 0; point < count; point++) {
    const weight = times ? times[point]! : 1;
    for (let i = 0; i < dimension; i++) sum[i]! += weight * values[at++]!;
  }
  return sum.map((value) => value / count);
}

/**
 * The unbiased covariance matrix, Σ (x − x̄)(x − x̄)ᵀ/(n − 1).
 *
 * @param times as of `meanPoint`
 * @returns shape [dimension][dimension]
 */
export function covariance(set: PointSet, times?: Float64Array): Float64Array {
  const { values, count, dimension } = set;
  const centre = meanPoint(set, times);
  const matrix = new Float64Array(dimension * dimension);
  const centred = new Float64Array(dimension);
  for (let point = 0; point < count; point++) {
    const weight = times ? times[point]! : 1;
    if (weight === 0) continue;
    for (let i = 0; i < dimension; i++) centred[i] = values[point * dimension + i]! - centre[i]!;
    for (let i = 0; i < dimension; i++) {
      const left = (weight * centred[i]!) / (count - 1);
      for (let j = i; j < dimension; j++) matrix[i * dimension + j]! += left * centred[j]!;
    }
  }
  for (let i = 0; i < dimension; i++) {
    for (let j = 0; j < i; j++) matrix[i * dimension + j] = matrix[j * dimension + i]!;
  }
  return matrix;
}

/**
 * E⁽²⁾, the mean squared difference of the two covariance matrices' entries.
 *
 * @throws wrong-length
 */
export function covarianceError(real: PointSet, generated: PointSet): number {
  requireSameSpace(real, generated);
  const a = covariance(real);
  const b = covariance(generated);
  return a.reduce((sum, value, at) => sum + (value - b[at]!) ** 2, 0) / a.length;
}

/** Sums over n points about an origin o: Σ(x − o), and the upper triangle of Σ(x − o)(x − o)ᵀ. */
interface Moments {
  readonly count: number;
  readonly sums: Float64Array;
  readonly products: Float64Array;
}

function momentsOf(
  { values, dimension }: PointSet,
  origin: Float64Array,
  rows: ArrayLike<number>,
): Moments {
  const sums = new Float64Array(dimension);
  const products = new Float64Array(dimension * dimension);
  const shifted = new Float64Array(dimension);
  for (let at = 0; at < rows.length; at++) {
    const start = rows[at]! * dimension;
    for (let i = 0; i < dimension; i++) {
      shifted[i] = values[start + i]! - origin[i]!;
      sums[i]! += shifted[i]!;
    }
    for (let i = 0; i < dimension; i++) {
      const left = shifted[i]!;
      for (let j = i; j < dimension; j++) products[i * dimension + j]! += left * shifted[j]!;
    }
  }
  return { count: rows.length, sums, products };
}

/** An entry of the covariance of all points but those of a group. */
function entryWithout(all: Moments, group: Moments, dimension: number, i: number, j: number) {
  const count = all.count - group.count;
  const at = i * dimension + j;
  const product = all.products[at]! - group.products[at]!;
  const means = ((all.sums[i]! - group.sums[i]!) * (all.sums[j]! - group.sums[j]!)) / count;
  return (product - means) / (count - 1);
}

/**
 * E⁽²⁾ with its standard error by the jackknife over K groups, which leaves out the k-th group of both sets; see
 * `jackknifeError`. Where both sets are of one distribution it is too large by about a half.
 *
 * @param groups places of points, K of either set
 * @throws wrong-length
 */
export function covarianceErrorEstimate(
  real: PointSet,
  generated: PointSet,
  groups: readonly { readonly real: ArrayLike<number>; readonly generated: ArrayLike<number> }[],
): Estimate {
  const value = covarianceError(real, generated);
  const { dimension } = real;
  const everything = ({ count }: PointSet) => Array.from({ length: count }, (_, place) => place);
  const [originA, originB] = [meanPoint(real), meanPoint(generated)];
  const a = momentsOf(real, originA, everything(real));
  const b = momentsOf(generated, originB, everything(generated));
  const without = groups.map((group) => {
    const partA = momentsOf(real, originA, group.real);
    const partB = momentsOf(generated, originB, group.generated);
    let squares = 0;
    for (let i = 0; i < dimension; i++) {
      for (let j = i; j < dimension; j++) {
        const left = entryWithout(a, partA, dimension, i, j);
        const difference = left - entryWithout(b, partB, dimension, i, j);
        squares += (i === j ? 1 : 2) * difference ** 2;
      }
    }
    return squares / dimension ** 2;
  });
  return { value, standardError: jackknifeError(without) };
}
