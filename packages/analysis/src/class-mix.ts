// What kinds of images are generated, judged by labelled real ones.
import { requireLength } from "@neural-langevin/core/backend";
import { nearestNeighbours } from "./nearest-neighbours.js";
import type { PointSet } from "./points.js";
import { type Estimate, shareEstimate, sum } from "./statistics.js";

/** The classes of some points. */
export interface ClassMix {
  /** One label per point. */
  readonly labels: Uint8Array;
  /** Share of every label that the references have, in ascending order; see `shareEstimate`. */
  readonly shares: ReadonlyMap<number, Estimate>;
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
  const share = (kind: number) =>
    shareEstimate(labels.filter((label) => label === kind).length, set.count);
  return { labels, shares: new Map(kinds.map((kind) => [kind, share(kind)])) };
}

/**
 * How evenly n points fall into K ≥ 2 classes: the entropy −Σ p ln p/ln K of their shares p, 1 where all are equally
 * frequent and 0 where there is only one. The variance of the entropy is (Σ p ln² p − H²)/n + (K − 1)/(2n²), whose
 * second term is all that is left where the classes are equally frequent.
 *
 * @param labels one for each point
 * @param kinds all classes that there could be
 */
export function classEvenness(labels: ArrayLike<number>, kinds: readonly number[]): Estimate {
  const all = Array.from(labels);
  const shares = kinds.map((kind) => all.filter((label) => label === kind).length / all.length);
  const logarithms = shares.map((p) => (p > 0 ? Math.log(p) : 0));
  const entropy = sum(shares.map((p, at) => -p * logarithms[at]!));
  const squares = sum(shares.map((p, at) => p * logarithms[at]! ** 2));
  // The spread of ln p comes out too large by (K − 1)/n, because the shares scatter themselves.
  const free = (kinds.length - 1) / all.length;
  const variance = (Math.max(0, squares - entropy ** 2 - free) + free / 2) / all.length;
  const scale = Math.log(kinds.length);
  return { value: entropy / scale, standardError: Math.sqrt(variance) / scale };
}

/** The most frequent of some labels, the first of equally frequent ones. */
function vote(labels: number[]): number {
  const votes = new Map<number, number>();
  for (const label of labels) votes.set(label, (votes.get(label) ?? 0) + 1);
  const most = Math.max(...votes.values());
  return labels.find((label) => votes.get(label) === most)!;
}
