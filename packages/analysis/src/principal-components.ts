// Principal components: the directions along which some points vary most.
import { LangevinError } from "@neural-langevin/core";
import { requireInteger } from "@neural-langevin/core/backend";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { covariance, meanPoint } from "./covariance.js";
import { type PointSet, requireSameSpace } from "./points.js";

/** The leading principal components of some points, of decreasing variance. */
export interface PrincipalComponents {
  /** x̄, shape [dimension]. */
  readonly mean: Float64Array;
  /** Orthonormal directions u, the entry of largest magnitude positive, shape [count][dimension]. */
  readonly components: Float64Array;
  /** Variances along the directions, the leading eigenvalues of the unbiased covariance, shape [count]. */
  readonly variances: Float64Array;
  /** The variances of all directions together, the trace of the covariance. */
  readonly totalVariance: number;
  /**
   * Coordinates u·(x − x̄) of any points of the space.
   *
   * @returns shape [points][count]
   * @throws wrong-length
   */
  project(set: PointSet): Float64Array;
}

/**
 * The `count` leading principal components, from all eigenvectors of the covariance matrix.
 *
 * @throws invalid-value (no component, or more than dimensions); wrong-length
 */
export function principalComponents(set: PointSet, count: number): PrincipalComponents {
  const { dimension } = set;
  requireInteger("count", count, 1);
  if (count > dimension) {
    throw new LangevinError(
      "invalid-value",
      `Points of ${dimension} dimensions have no ${count} principal components.`,
    );
  }
  const matrix = covariance(set);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
    Matrix.from1DArray(dimension, dimension, matrix),
    { assumeSymmetric: true },
  );
  const order = realEigenvalues.map((_, index) => index);
  order.sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);

  const components = new Float64Array(count * dimension);
  for (let row = 0; row < count; row++) {
    const direction = eigenvectorMatrix.getColumn(order[row]!);
    const largest = direction.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a));
    const sign = largest < 0 ? -1 : 1;
    for (let i = 0; i < dimension; i++) components[row * dimension + i] = sign * direction[i]!;
  }
  const centre = meanPoint(set);
  return {
    mean: centre,
    components,
    variances: Float64Array.from({ length: count }, (_, row) =>
      Math.max(0, realEigenvalues[order[row]!]!),
    ),
    totalVariance: realEigenvalues.reduce((sum, value) => sum + value, 0),
    project(other) {
      requireSameSpace(set, other);
      const coordinates = new Float64Array(other.count * count);
      for (let point = 0; point < other.count; point++) {
        for (let row = 0; row < count; row++) {
          let sum = 0;
          for (let i = 0; i < dimension; i++) {
            sum +=
              components[row * dimension + i]! *
              (other.values[point * dimension + i]! - centre[i]!);
          }
          coordinates[point * count + row] = sum;
        }
      }
      return coordinates;
    },
  };
}
