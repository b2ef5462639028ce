// What kinds of images are generated, judged by labelled real ones.
import { requireLength } from "@neural-langevin/core/backend";
import { nearestNeighbours } from "./nearest-neighbours.js";
import type { PointSet } from "./points.js";

/** The classes of some points. */
export interface ClassMix {
  /** One label per point. */
  readonly labels: Uint8Array;
  /** Share of every label that the references have, in ascending order. */
  readonly shares: ReadonlyMap<number, number>;
}

/**
 * The class of every point by its k nearest labelled references: the most frequent label, and among
 * equally frequent ones that of the nearest reference.
 *
 * @param referenceLabels shape [references]
 * @throws wrong-length, invalid-value
 */
export function classMix(
  set: PointSet,
  references: PointSet,
  referenceLabels: Uint8Array,
  k = 5,
): ClassMix {
  requireLength("referenceLabels", referenceLabels, references.count);
  const { indices } = nearestNeighbours(set, references, k);
  const labels = Uint8Array.from({ length: set.count }, (_, point) =>
    vote([...indices.subarray(point * k, (point + 1) * k)].map((index) => referenceLabels[index]!)),
  );
  const kinds = [...new Set(referenceLabels)].sort((a, b) => a - b);
  const share = (kind: number) => labels.filter((label) => label === kind).length / set.count;
  return { labels, shares: new Map(kinds.map((kind) => [kind, share(kind)])) };
}

/** The most frequent of some labels, the first of equally frequent ones. */
function vote(labels: number[]): number {
  const votes = new Map<number, number>();
  for (const label of labels) votes.set(label, (votes.get(label) ?? 0) + 1);
  const most = Math.max(...votes.values());
  return labels.find((label) => votes.get(label) === most)!;
}
