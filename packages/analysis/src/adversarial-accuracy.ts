// Nearest-neighbour adversarial accuracy: can a nearest neighbour tell generated from real points?
import { LangevinError } from "@neural-langevin/core";
import { nearestNeighbours } from "./nearest-neighbours.js";
import type { PointSet } from "./points.js";

/** Shares of points whose nearest neighbour lies in their own set. ½ and ½ is indistinguishable. */
export interface AdversarialAccuracy {
  /** A_S, of the real points. */
  readonly real: number;
  /** A_T, of the generated points. */
  readonly generated: number;
  /** AAI = ½[(A_S − ½)² + (A_T − ½)²]. Copies and total mismatch both give 0.25. */
  readonly error: number;
}

/**
 * Adversarial accuracy of two sets of equal size (Yale et al., Neurocomputing 2020): the share of
 * points whose nearest other point, by L2, lies in their own set. A tie counts as the other set's.
 *
 * @throws invalid-value (unequal sizes), wrong-length
 */
export function adversarialAccuracy(real: PointSet, generated: PointSet): AdversarialAccuracy {
  if (real.count !== generated.count) {
    throw new LangevinError(
      "invalid-value",
      `Both sets must have the same size, not ${real.count} and ${generated.count} points.`,
      "Leave out points of the larger set.",
    );
  }
  const share = (own: PointSet, other: PointSet) => {
    const within = nearestNeighbours(own, own, 1, true).squaredDistances;
    const across = nearestNeighbours(own, other, 1).squaredDistances;
    return within.filter((distance, point) => distance < across[point]!).length / own.count;
  };
  const shares = { real: share(real, generated), generated: share(generated, real) };
  return {
    ...shares,
    error: ((shares.real - 0.5) ** 2 + (shares.generated - 0.5) ** 2) / 2,
  };
}
