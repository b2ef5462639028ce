// Whether generated points are copies of training points.
import { nearestNeighbours } from "./nearest-neighbours.js";
import type { PointSet } from "./points.js";
import { type Estimate, shareEstimate, sum } from "./statistics.js";

/** Which generated points are copies, and of what. */
export interface Memorisation {
  /** Share of generated points that are copies; see `shareEstimate`. */
  readonly share: Estimate;
  /** 1 marks a copy, shape [generated]. */
  readonly copies: Uint8Array;
  /** d₁, to the nearest training point, shape [generated]. */
  readonly distances: Float64Array;
  /** d₁/d₂, shape [generated]; 1 where both distances are 0. */
  readonly ratios: Float64Array;
  /** The two nearest training points, nearest first, shape [generated][2]. */
  readonly indices: Uint32Array;
}

/**
 * Marks the generated points with d₁/d₂ < ⅓, where d₁ and d₂ are the distances to their two nearest
 * training points (arXiv 2506.23546).
 *
 * @throws wrong-length, invalid-value
 */
export function memorisedShare(generated: PointSet, training: PointSet): Memorisation {
  const { indices, squaredDistances } = nearestNeighbours(generated, training, 2);
  const copies = new Uint8Array(generated.count);
  const distances = new Float64Array(generated.count);
  const ratios = new Float64Array(generated.count);
  for (let point = 0; point < generated.count; point++) {
    const [first, second] = [squaredDistances[2 * point]!, squaredDistances[2 * point + 1]!];
    distances[point] = Math.sqrt(first);
    ratios[point] = second === 0 ? 1 : Math.sqrt(first / second);
    copies[point] = first < second / 9 ? 1 : 0;
  }
  const share = shareEstimate(sum(copies), generated.count);
  return { share, copies, distances, ratios, indices };
}
