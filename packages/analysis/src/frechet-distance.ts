// How far apart two sets of features lie, taken as normal distributions.
import { streams, uniforms } from "@neural-langevin/core";
import { EigenvalueDecomposition, Matrix, SingularValueDecomposition } from "ml-matrix";
import { covariance, meanPoint } from "./covariance.js";
import { type PointSet, requireSameSpace } from "./points.js";
import type { Estimate } from "./statistics.js";

const RESAMPLES = 50;

/**
 * The squared Fréchet distance of the normal distributions with the sets' means and covariances (Dowson and
 * Landau, Journal of Multivariate Analysis 1982; Heusel et al., arXiv 1706.08500):
 * ‖μ_a − μ_b‖² + tr(Σ_a + Σ_b − 2(Σ_a^½ Σ_b Σ_a^½)^½). The standard error is the deviation over 50 bootstrap
 * resamples of both sets.
 *
 * Few points make the distance too large: compare values of equal counts only.
 *
 * @throws wrong-length
 */
export function frechetDistance(a: PointSet, b: PointSet): Estimate {
  requireSameSpace(a, b);
  const resamples = Float64Array.from({ length: RESAMPLES }, (_, number) =>
    distance(resample(a, 2 * number), resample(b, 2 * number + 1)),
  );
  const centre = resamples.reduce((sum, value) => sum + value, 0) / RESAMPLES;
  const squares = resamples.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return { value: distance(a, b), standardError: Math.sqrt(squares / (RESAMPLES - 1)) };
}

function distance(a: PointSet, b: PointSet): number {
  const [meanA, meanB] = [meanPoint(a), meanPoint(b)];
  const between = meanA.reduce((sum, value, i) => sum + (value - meanB[i]!) ** 2, 0);
  const [covarianceA, covarianceB] = [matrixOf(a), matrixOf(b)];
  // tr (Σ_a^½ Σ_b Σ_a^½)^½ is the sum of the singular values of Σ_a^½ Σ_b^½.
  const product = squareRoot(covarianceA).mmul(squareRoot(covarianceB));
  const { diagonal } = new SingularValueDecomposition(product, {
    computeLeftSingularVectors: false,
    computeRightSingularVectors: false,
  });
  const shared = diagonal.reduce((sum, value) => sum + value, 0);
  return Math.max(0, between + covarianceA.trace() + covarianceB.trace() - 2 * shared);
}

const matrixOf = (set: PointSet): Matrix =>
  Matrix.from1DArray(set.dimension, set.dimension, covariance(set));

/** The symmetric square root of a covariance matrix. */
function squareRoot(matrix: Matrix): Matrix {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, {
    assumeSymmetric: true,
  });
  const roots = realEigenvalues.map((value) => Math.sqrt(Math.max(0, value)));
  return eigenvectorMatrix.clone().mulRowVector(roots).mmul(eigenvectorMatrix.transpose());
}

/** As many points of the set, drawn with replacement. */
function resample({ values, count, dimension }: PointSet, number: number): PointSet {
  const draws = uniforms({ seed: 0, stream: streams.dataOrder, step: number }, 0, count);
  const drawn = new Float64Array(values.length);
  draws.forEach((draw, to) => {
    const from = Math.floor(draw * count) * dimension;
    drawn.set(values.subarray(from, from + dimension), to * dimension);
  });
  return { values: drawn, count, dimension };
}
