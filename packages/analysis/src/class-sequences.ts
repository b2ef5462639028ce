// Labelled trajectories: how long a chain stays in a class, and where it goes from there.
import { LangevinError } from "@neural-langevin/core";
import { requireInteger } from "@neural-langevin/core/backend";

/** One stay of a chain in a class. */
export interface Dwell {
  readonly label: number;
  /** Number of the first frame. */
  readonly start: number;
  /** Number of frames. */
  readonly length: number;
  /** Whether the class was both entered and left within the sequence, so that its length is the whole. */
  readonly complete: boolean;
}

/** The stays of one labelled chain, in order. The first and the last are cut off by the sequence's ends. */
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

/**
 * Mean squared displacement of a path, ⟨‖x(t + lag) − x(t)‖²⟩ over t.
 *
 * @param path shape [frames][dimension]
 * @param lags in frames
 * @returns one value per lag
 * @throws invalid-value (a lag that is not shorter than the path)
 */
export function meanSquaredDisplacement(
  path: Float32Array | Float64Array,
  dimension: number,
  lags: readonly number[],
): Float64Array {
  const frames = path.length / dimension;
  requireInteger("the number of frames", frames, 2);
  return Float64Array.from(lags, (lag) => {
    requireInteger("lag", lag, 0);
    if (lag >= frames) {
      throw new LangevinError("invalid-value", `A path of ${frames} frames has no lag of ${lag}.`);
    }
    let sum = 0;
    for (let at = lag * dimension; at < path.length; at++) {
      sum += (path[at]! - path[at - lag * dimension]!) ** 2;
    }
    return sum / (frames - lag);
  });
}

/**
 * Length of a path, Σ ‖x(t + 1) − x(t)‖, up to every frame.
 *
 * @param path shape [frames][dimension]
 * @returns shape [frames], from 0
 */
export function pathLength(path: Float32Array | Float64Array, dimension: number): Float64Array {
  const frames = path.length / dimension;
  requireInteger("the number of frames", frames, 1);
  const lengths = new Float64Array(frames);
  for (let frame = 1; frame < frames; frame++) {
    let sum = 0;
    for (let i = frame * dimension; i < (frame + 1) * dimension; i++) {
      sum += (path[i]! - path[i - dimension]!) ** 2;
    }
    lengths[frame] = lengths[frame - 1]! + Math.sqrt(sum);
  }
  return lengths;
}
