// Labelled trajectories: how long a chain stays in a class, and where it goes from there.
import { requireInteger } from "@neural-langevin/core/backend";

/** One stay of a chain in a class. */
export interface Dwell {
  /** The class. */
  readonly label: number;
  /** Number of the first frame. */
  readonly start: number;
  /** Number of frames. */
  readonly length: number;
  /** Whether the class was both entered and left within the sequence, so that its length is the whole. */
  readonly complete: boolean;
}

/**
 * The stays of one chain, labelled at every frame, shape [frames], in order. The first and the last are cut off by the
 * sequence's ends.
 */
export function dwells(labels: ArrayLike<number>): Dwell[] {
  const stays: Dwell[] = [];
  let start = 0;
  for (let frame = 1; frame <= labels.length; frame++) {
    if (frame < labels.length && labels[frame] === labels[start]) continue;
    const complete = start > 0 && frame < labels.length;
    stays.push({ label: labels[start]!, start, length: frame - start, complete });
    start = frame;
  }
  return stays;
}

/** Classes of labelled chains and the moves between them. */
export interface ClassTransitions {
  /** All labels that occur, ascending. */
  readonly labels: readonly number[];
  /** Moves from row to column between consecutive frames, shape [labels][labels]; stays on the diagonal. */
  readonly counts: Float64Array;
  /** Counts as shares of their row, shape [labels][labels]; a class that is never left by a frame has zeros. */
  readonly probabilities: Float64Array;
  /** Share of all frames, shape [labels]. */
  readonly occupancy: Float64Array;
  /** Mean length of the complete stays, in frames, shape [labels]; NaN where there is none. */
  readonly meanDwell: Float64Array;
}

/**
 * Counts the moves between classes over all chains.
 *
 * @param chains the label of every frame, one array per chain
 * @throws invalid-value (no frames)
 */
export function classTransitions(chains: readonly ArrayLike<number>[]): ClassTransitions {
  const all = chains.flatMap((chain) => Array.from(chain));
  requireInteger("the number of labelled frames", all.length, 1);
  const labels = [...new Set(all)].sort((a, b) => a - b);
  const size = labels.length;
  const place = new Map(labels.map((label, index) => [label, index]));
  const counts = new Float64Array(size * size);
  const occupancy = new Float64Array(size);
  const dwellFrames = new Float64Array(size);
  const dwellCount = new Float64Array(size);
  for (const chain of chains) {
    for (let frame = 0; frame < chain.length; frame++) {
      const here = place.get(chain[frame]!)!;
      occupancy[here]!++;
      if (frame > 0) counts[place.get(chain[frame - 1]!)! * size + here]!++;
    }
    for (const { label, length, complete } of dwells(chain)) {
      if (!complete) continue;
      dwellFrames[place.get(label)!]! += length;
      dwellCount[place.get(label)!]!++;
    }
  }
  const probabilities = counts.map((count, at) => {
    const row = at - (at % size);
    const total = counts.subarray(row, row + size).reduce((sum, value) => sum + value, 0);
    return total === 0 ? 0 : count / total;
  });
  return {
    labels,
    counts,
    probabilities,
    occupancy: occupancy.map((value) => value / all.length),
    meanDwell: dwellFrames.map((value, at) => value / dwellCount[at]!),
  };
}
