// The nearest points of one set to each point of another, by exact L2 distance.
import { LangevinError } from "@neural-langevin/core";
import { requireInteger } from "@neural-langevin/core/backend";
import { canFilter, filterCandidates } from "./neighbour-filter.js";
import { type PointSet, requireSameSpace } from "./points.js";

/** The k nearest reference points of every query, nearest first. */
export interface Neighbours {
  /** Indices into the references, shape [queries][k]. */
  readonly indices: Uint32Array;
  /** Squared distances, shape [queries][k]. */
  readonly squaredDistances: Float64Array;
}

/** Products of coordinates from which on setting up the filter pays. */
const WORTH_FILTERING = 2 ** 24;

/**
 * Finds the `k` nearest references of every query; of equal distances the earlier reference counts as
 * nearer. Large searches are filtered by inner products in float32 (WebAssembly SIMD); what the filter cannot
 * rule out within its error bound is computed in float64, so that the result is that of comparing
 * all pairs.
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
  const size = queries.count * references.count * queries.dimension;
  const filtered = size >= WORTH_FILTERING && canFilter();
  return filtered
    ? searchFiltered(queries, references, k, itself)
    : searchAll(queries, references, k, itself);
}

/** Compares all pairs. */
export function searchAll(
  queries: PointSet,
  references: PointSet,
  k: number,
  itself: boolean,
): Neighbours {
  const ranking = new Ranking(queries, references, k, itself);
  for (let query = 0; query < queries.count; query++) {
    for (let reference = 0; reference < references.count; reference++) {
      ranking.consider(query, reference);
    }
  }
  return ranking;
}

/** Compares the pairs that the filter lets pass. */
export function searchFiltered(
  queries: PointSet,
  references: PointSet,
  k: number,
  itself: boolean,
): Neighbours {
  const ranking = new Ranking(queries, references, k, itself);
  filterCandidates(queries, references, ranking);
  return ranking;
}

/** The k nearest references so far. The order in which pairs are considered does not matter. */
class Ranking implements Neighbours {
  readonly indices: Uint32Array;
  readonly squaredDistances: Float64Array;
  readonly #queries: PointSet;
  readonly #references: PointSet;
  readonly #k: number;
  readonly #itself: boolean;

  constructor(queries: PointSet, references: PointSet, k: number, itself: boolean) {
    this.indices = new Uint32Array(queries.count * k).fill(references.count);
    this.squaredDistances = new Float64Array(queries.count * k).fill(Number.POSITIVE_INFINITY);
    this.#queries = queries;
    this.#references = references;
    this.#k = k;
    this.#itself = itself;
  }

  /** The squared distance that a reference must not exceed to be of interest. */
  bound(query: number): number {
    return this.squaredDistances[(query + 1) * this.#k - 1]!;
  }

  consider(query: number, reference: number): void {
    if (this.#itself && query === reference) return;
    const { squaredDistances, indices } = this;
    const first = query * this.#k;
    const last = first + this.#k - 1;
    const bound = squaredDistances[last]!;
    const distance = squaredDistance(this.#queries, query, this.#references, reference, bound);
    const isFarther = (place: number) =>
      squaredDistances[place]! > distance ||
      (squaredDistances[place] === distance && indices[place]! > reference);
    if (!isFarther(last)) return;
    let place = last;
    for (; place > first && isFarther(place - 1); place--) {
      squaredDistances[place] = squaredDistances[place - 1]!;
      indices[place] = indices[place - 1]!;
    }
    squaredDistances[place] = distance;
    indices[place] = reference;
  }
}

/** ‖a − b‖², given up once it exceeds `bound`. */
function squaredDistance(
  a: PointSet,
  rowA: number,
  b: PointSet,
  rowB: number,
  bound: number,
): number {
  const { values: x, dimension } = a;
  const y = b.values;
  const startA = rowA * dimension;
  const startB = rowB * dimension;
  let sum = 0;
  let place = 0;
  while (place < dimension && sum <= bound) {
    const end = Math.min(place + 64, dimension);
    for (; place < end; place++) {
      const difference = x[startA + place]! - y[startB + place]!;
      sum += difference * difference;
    }
  }
  return sum;
}
