// Second moments of real and generated points.
import { type PointSet, requireSameSpace } from "./points.js";

/** x̄, the mean of all points, shape [dimension]. */
export function meanPoint(set: PointSet): Float64Array {
  const { values, count, dimension } = set;
  const sum = new Float64Array(dimension);
  for (let at = 0; at < values.length; at++) sum[at % dimension]! += values[at]!;
  return sum.map((value) => value / count);
}

/**
 * The unbiased covariance matrix, Σ (x − x̄)(x − x̄)ᵀ/(n − 1).
 *
 * @returns shape [dimension][dimension]
 */
export function covariance(set: PointSet): Float64Array {
  const { values, count, dimension } = set;
  const centre = meanPoint(set);
  const matrix = new Float64Array(dimension * dimension);
  const centred = new Float64Array(dimension);
  for (let point = 0; point < count; point++) {
    for (let i = 0; i < dimension; i++) centred[i] = values[point * dimension + i]! - centre[i]!;
    for (let i = 0; i < dimension; i++) {
      const left = centred[i]! / (count - 1);
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
