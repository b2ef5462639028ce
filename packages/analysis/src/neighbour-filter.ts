// Which pairs of points may be nearest neighbours: a bound on their distance from inner products in
// float32, ‖a − b‖² = ‖a‖² + ‖b‖² − 2a·b, computed by a small WebAssembly SIMD kernel. Points are centred
// and scaled to lengths of at most 1 first, which makes the bound tight whatever the data's place and unit.
import { meanPoint } from "./covariance.js";
import type { PointSet } from "./points.js";
import { binary } from "./products.generated.js";
import { SimdKernel } from "./simd-kernel.js";

/** What collects the pairs. */
export interface Candidates {
  /** The squared distance above which a reference is of no interest to a query. */
  bound(query: number): number;
  /** Takes a pair; the bound may fall. */
  consider(query: number, reference: number): void;
}

// What the kernel computes at once: queries, and references in a vector pair.
const QUERIES = 6;
const REFERENCES = 8;
/** Dimensions that the kernel sums before it adds up the sums. */
const BLOCK = 32;
// What stays in memory: a batch of queries, and a chunk of references that fits a processor's cache.
const BATCH = 683 * QUERIES;
const CHUNK = 32 * REFERENCES;
const LARGEST = 2 ** 26;
/** What float64 rounding and float32 underflow may cost, with lengths of at most 1. */
const SLACK = 1e-12;

type ProductsKernel = (
  queries: number,
  references: number,
  products: number,
  dimension: number,
  panels: number,
) => void;

const kernel = new SimdKernel<ProductsKernel>(binary, "products");

/** Whether WebAssembly SIMD runs here. */
export const canFilter = (): boolean => kernel.runs;

/**
 * Hands every pair to `candidates` that may lie within the query's bound, where `canFilter`.
 *
 * A float32 inner product in which every term passes m roundings is off by at most m·u·‖a‖‖b‖ with
 * u = 2⁻²⁴, and rounding the points to float32 costs 2u·‖a‖‖b‖ more (Higham, Accuracy and Stability of
 * Numerical Algorithms, chapter 3); 1 % on top covers the terms in u².
 */
export function filterCandidates(
  queries: PointSet,
  references: PointSet,
  candidates: Candidates,
): void {
  const { dimension } = queries;
  const rows = Math.max(1, Math.floor(LARGEST / dimension / 4));
  const batch = Math.min(
    BATCH,
    Math.ceil(rows / QUERIES) * QUERIES,
    roundUp(queries.count, QUERIES),
  );
  const chunk = Math.min(CHUNK, roundUp(references.count, REFERENCES));
  const sizes = [batch * dimension, chunk * dimension, QUERIES * chunk];
  const { call, at, buffer } = kernel.open(sizes.map((length) => 4 * length))!;
  const [queryRows, panels, products] = at.map(
    (start, array) => new Float32Array(buffer, start, sizes[array]),
  ) as [Float32Array, Float32Array, Float32Array];
  const [queriesAt, referencesAt, productsAt] = at as [number, number, number];

  const centre = meanPoint(references);
  const queryLengths = lengths(queries, centre);
  const referenceLengths = lengths(references, centre);
  const longest = referenceLengths.reduce(larger, 0);
  const scale = 1 / (queryLengths.reduce(larger, longest) || 1);
  const terms = BLOCK + Math.ceil(dimension / BLOCK);
  const error = 1.01 * (terms + 2) * 2 ** -24 * scale * longest;
  const half = referenceLengths.map((length) => (scale * length) ** 2 / 2);

  for (let batchStart = 0; batchStart < queries.count; batchStart += batch) {
    const batchEnd = Math.min(batchStart + batch, queries.count);
    copyRows(queries, batchStart, batchEnd, centre, scale, queryRows);
    for (let start = 0; start < references.count; start += chunk) {
      const end = Math.min(start + chunk, references.count);
      copyPanels(references, start, end, centre, scale, panels);
      for (let tile = batchStart; tile < batchEnd; tile += QUERIES) {
        const place = queriesAt + 4 * (tile - batchStart) * dimension;
        call(place, referencesAt, productsAt, dimension, chunk / REFERENCES);
        for (let query = tile; query < Math.min(tile + QUERIES, batchEnd); query++) {
          const length = scale * queryLengths[query]!;
          const row = products.subarray((query - tile) * chunk);
          // ‖a − b‖² ≤ bound asks for a·b − ‖b‖²/2 ≥ (‖a‖² − bound)/2.
          const least = () =>
            (length ** 2 - scale ** 2 * candidates.bound(query)) / 2 - error * length - SLACK;
          visit(row, half, start, end, least, (reference) => candidates.consider(query, reference));
        }
      }
    }
  }
}

/**
 * Visits the references start … end with a·b − ‖b‖²/2 of at least `least()`, which may rise; the nearest
 * first, so that few others are left.
 */
function visit(
  products: Float32Array,
  half: Float64Array,
  start: number,
  end: number,
  least: () => number,
  consider: (reference: number) => void,
): void {
  for (;;) {
    let nearest = start;
    let most = Number.NEGATIVE_INFINITY;
    for (let reference = start; reference < end; reference++) {
      const closeness = products[reference - start]! - half[reference]!;
      if (closeness > most) {
        most = closeness;
        nearest = reference;
      }
    }
    if (most === Number.NEGATIVE_INFINITY || most < least()) return;
    products[nearest - start] = Number.NEGATIVE_INFINITY;
    consider(nearest);
  }
}

const larger = (a: number, b: number): number => Math.max(a, b);
const roundUp = (value: number, unit: number): number => Math.ceil(value / unit) * unit;

/** ‖x − centre‖ of every point. */
function lengths({ values, count, dimension }: PointSet, centre: Float64Array): Float64Array {
  const result = new Float64Array(count);
  for (let point = 0; point < count; point++) {
    let sum = 0;
    for (let i = 0; i < dimension; i++) {
      sum += (values[point * dimension + i]! - centre[i]!) ** 2;
    }
    result[point] = Math.sqrt(sum);
  }
  return result;
}

/** Some rows, centred and scaled, as [row][dimension]. */
function copyRows(
  { values, dimension }: PointSet,
  start: number,
  end: number,
  centre: Float64Array,
  scale: number,
  target: Float32Array,
): void {
  for (let at = start * dimension, to = 0; at < end * dimension; ) {
    for (let i = 0; i < dimension; i++) target[to++] = (values[at++]! - centre[i]!) * scale;
  }
}

/** Some rows, centred and scaled, as [panel][dimension][row of the panel]. */
function copyPanels(
  { values, dimension }: PointSet,
  start: number,
  end: number,
  centre: Float64Array,
  scale: number,
  target: Float32Array,
): void {
  for (let row = start; row < end; row++) {
    const lane = (row - start) % REFERENCES;
    const panel = (row - start - lane) * dimension;
    for (let i = 0; i < dimension; i++) {
      target[panel + i * REFERENCES + lane] = (values[row * dimension + i]! - centre[i]!) * scale;
    }
  }
}
