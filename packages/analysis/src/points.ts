// Points to be measured: images as firing rates, one row each.
import { LangevinError } from "@neural-langevin/core";
import { requireFinite, requireInteger } from "@neural-langevin/core/backend";

/** Some points of one space. */
export interface PointSet {
  /** Shape [count][dimension], row-major. */
  readonly values: Float32Array | Float64Array;
  /** Number of points. */
  readonly count: number;
  /** Numbers of a point. */
  readonly dimension: number;
}

/**
 * Takes a row-major array as points.
 *
 * @param values shape [count][dimension]
 * @throws wrong-length, not-finite, invalid-value (fewer than two points)
 */
export function points(values: Float32Array | Float64Array, dimension: number): PointSet {
  requireInteger("dimension", dimension, 1);
  if (values.length % dimension !== 0) {
    throw new LangevinError(
      "wrong-length",
      `points must be whole rows of ${dimension} values, not ${values.length} values.`,
    );
  }
  requireFinite("points", values);
  const count = values.length / dimension;
  requireInteger("the number of points", count, 2);
  return { values, count, dimension };
}

/** Refuses two sets that do not lie in one space. Throws wrong-length. */
export function requireSameSpace(a: PointSet, b: PointSet): void {
  if (a.dimension !== b.dimension) {
    throw new LangevinError(
      "wrong-length",
      `Both sets must have points of one dimension, not ${a.dimension} and ${b.dimension}.`,
    );
  }
}
