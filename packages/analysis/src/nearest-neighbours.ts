// The nearest points of one set to each point of another, by exact L2 distance.
import { LangevinError, requireInteger } from "@neural-langevin/core";
import { type PointSet, requireSameSpace } from "./points.js";

/** The k nearest reference points of every query, nearest first. */
export interface Neighbours {
  /** Indices into the references, shape [queries][k]. */
  readonly indices: Uint32Array;
  /** Squared distances, shape [queries][k]. */
  readonly squaredDistances: Float64Array;
}

/**
 * Finds the `k` nearest references of every query; of equal distances the earlier reference counts as
 * nearer.
 *
 * @param itself true when both sets are the same, so that a point is not its own neighbour
 * @throws wrong-length, invalid-value
 */
export function nearestNeighbours(
  queries: PointSet,
  references: PointSet,
  k: number,
  itself = false,
): Neighbours {
  requireSameSpace(queries, references);
  requireInteger("k", k, 1);
  const others = references.count - (itself ? 1 : 0);
  if (k > others) {
    throw new LangevinError(
      "invalid-value",
      `${k} neighbours cannot be found among ${others} points.`,
    );
  }
  const indices = new Uint32Array(queries.count * k);
  const squaredDistances = new Float64Array(queries.count * k).fill(Number.POSITIVE_INFINITY);
  const { dimension } = queries;
  for (let query = 0; query < queries.count; query++) {
    const first = query * k;
    const last = first + k - 1;
    for (let reference = 0; reference < references.count; reference++) {
      if (itself && query === reference) continue;
      const bound = squaredDistances[last]!;
      const distance = squaredDistance(queries, query, references, reference, dimension, bound);
      if (distance >= bound) continue;
      let place = last;
      for (; place > first && squaredDistances[place - 1]! > distance; place--) {
        squaredDistances[place] = squaredDistances[place - 1]!;
        indices[place] = indices[place - 1]!;
      }
      squaredDistances[place] = distance;
      indices[place] = reference;
    }
  }
  return { indices, squaredDistances };
}

/** ‖a − b‖², given up once it reaches `bound`. */
function squaredDistance(
  a: PointSet,
  rowA: number,
  b: PointSet,
  rowB: number,
  dimension: number,
  bound: number,
): number {
  const x = a.values;
  const y = b.values;
  const startA = rowA * dimension;
  const startB = rowB * dimension;
  let sum = 0;
  let place = 0;
  while (place < dimension && sum < bound) {
    const end = Math.min(place + 64, dimension);
    for (; place < end; place++) {
      const difference = x[startA + place]! - y[startB + place]!;
      sum += difference * difference;
    }
  }
  return sum;
}
