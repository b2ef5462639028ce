// Whether generated points are copies of training points.
import { nearestNeighbours } from "./nearest-neighbours.js";
import type { PointSet } from "./points.js";

/**
 * The share of generated points with d₁/d₂ < ⅓, where d₁ and d₂ are the distances to their two nearest
 * training points (arXiv 2506.23546).
 *
 * @throws wrong-length, invalid-value
 */
export function memorisedShare(generated: PointSet, training: PointSet): number {
  const { squaredDistances } = nearestNeighbours(generated, training, 2);
  let memorised = 0;
  for (let point = 0; point < generated.count; point++) {
    const [first, second] = [squaredDistances[2 * point]!, squaredDistances[2 * point + 1]!];
    if (first < second / 9) memorised++;
  }
  return memorised / generated.count;
}
