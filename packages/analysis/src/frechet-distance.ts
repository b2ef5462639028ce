// How far apart two sets of features lie, taken as normal distributions.
import { streams, uniforms } from "@neural-langevin/core";
import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { covariance, meanPoint } from "./covariance.js";
import { type PointSet, requireSameSpace } from "./points.js";
import type { Estimate } from "./statistics.js";

const RESAMPLES = 50;
/** A pivot below this share of its variance is 0 but for rounding. */
const LEAST_PIVOT = 1e-12;

/** A normal distribution. */
interface Gaussian {
  readonly mean: Float64Array;
  /** L, lower triangular, with the covariance matrix Σ = L·Lᵀ; shape [dimension][dimension]. */
  readonly factor: Float64Array;
  /** tr Σ. */
  readonly trace: number;
}

/** A set of points that others are compared with: its normal distribution and those of its resamples, computed once. */
export interface FrechetReference {
  readonly set: PointSet;
  readonly gaussian: Gaussian;
  readonly resamples: readonly Gaussian[];
}

/** What `frechetDistance` needs of the set that it compares with, for several comparisons. */
export const frechetReference = (set: PointSet): FrechetReference => ({
  set,
  gaussian: gaussian(set),
  resamples: Array.from({ length: RESAMPLES }, (_, number) =>
    gaussian(set, draws(set, 2 * number + 1)),
  ),
});

/**
 * The squared Fréchet distance of the normal distributions with the sets' means and covariances (Dowson and
 * Landau, Journal of Multivariate Analysis 1982; Heusel et al., arXiv 1706.08500):
 * ‖μ_a − μ_b‖² + tr(Σ_a + Σ_b − 2(Σ_a^½ Σ_b Σ_a^½)^½). The standard error is the deviation over 50 bootstrap
 * resamples of both sets.
 *
 * Few points make the distance too large: compare values of equal counts only.
 *
 * @param reference a set of points, by `frechetReference`
 * @throws wrong-length
 */
export function frechetDistance(points: PointSet, reference: FrechetReference): Estimate {
  requireSameSpace(points, reference.set);
  const resamples = Float64Array.from(reference.resamples, (other, number) =>
    distance(gaussian(points, draws(points, 2 * number)), other),
  );
  const centre = resamples.reduce((sum, value) => sum + value, 0) / RESAMPLES;
  const squares = resamples.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const value = distance(gaussian(points), reference.gaussian);
  return { value, standardError: Math.sqrt(squares / (RESAMPLES - 1)) };
}

/** With Σ = L·Lᵀ, the trace of (Σ_a^½ Σ_b Σ_a^½)^½ is the sum of the singular values of L_aᵀ·L_b. */
function distance(a: Gaussian, b: Gaussian): number {
  const between = a.mean.reduce((sum, value, i) => sum + (value - b.mean[i]!) ** 2, 0);
  const dimension = a.mean.length;
  const product = new Float64Array(dimension * dimension);
  for (let k = 0; k < dimension; k++) {
    for (let i = 0; i <= k; i++) {
      const left = a.factor[k * dimension + i]!;
      for (let j = 0; j <= k; j++) {
        product[i * dimension + j]! += left * b.factor[k * dimension + j]!;
      }
    }
  }
  const { diagonal } = new SingularValueDecomposition(
    Matrix.from1DArray(dimension, dimension, product),
    { computeLeftSingularVectors: false, computeRightSingularVectors: false },
  );
  const shared = diagonal.reduce((sum, value) => sum + value, 0);
  return Math.max(0, between + a.trace + b.trace - 2 * shared);
}

/** How often each point of the set is drawn when as many are drawn with replacement. */
function draws({ count }: PointSet, number: number): Float64Array {
  const times = new Float64Array(count);
  for (const draw of uniforms({ seed: 0, stream: streams.dataOrder, step: number }, 0, count)) {
    times[Math.floor(draw * count)]! += 1;
  }
  return times;
}

/** The normal distribution of points, which count once unless told how often. */
function gaussian(set: PointSet, times?: Float64Array): Gaussian {
  const matrix = covariance(set, times);
  const variances = Float64Array.from({ length: set.dimension }, (_, i) => {
    return matrix[i * set.dimension + i]!;
  });
  const trace = variances.reduce((sum, value) => sum + value, 0);
  return { mean: meanPoint(set, times), factor: factorise(matrix, variances), trace };
}

/** L of Σ = L·Lᵀ in place of Σ's lower triangle (Cholesky), of semidefinite matrices too; the upper one stays. */
function factorise(matrix: Float64Array, variances: Float64Array): Float64Array {
  const dimension = variances.length;
  for (let j = 0; j < dimension; j++) {
    for (let i = j; i < dimension; i++) {
      const [row, column] = [i * dimension, j * dimension];
      let rest = matrix[row + j]!;
      for (let k = 0; k < j; k++) rest -= matrix[row + k]! * matrix[column + k]!;
      matrix[row + j] = rest;
    }
    const pivot = matrix[j * dimension + j]!;
    const scale = pivot > LEAST_PIVOT * variances[j]! ? 1 / Math.sqrt(pivot) : 0;
    for (let i = j; i < dimension; i++) matrix[i * dimension + j]! *= scale;
  }
  return matrix;
}
