// Groups into which two sets of equal size are cut, so that a measure of both can be repeated on parts of them.
import { permutation, streams } from "@neural-langevin/core";
import { type PointSet, points } from "./points.js";

/** Groups into which both sets are cut, and how often they are cut anew. */
const GROUPS = 10;
const PARTITIONS = 4;
/** Points of a group below which there are fewer groups. */
const LEAST = 8;

/** Places of the points of one group in either set. */
export interface PairedGroup {
  readonly real: Uint32Array;
  readonly generated: Uint32Array;
}

/**
 * Cuts two sets of `count` points into K ≤ 10 disjoint groups of equal size, 4 times, at random but always alike.
 *
 * @returns shape [4][K]; empty for fewer than 4 points, which make no two groups with neighbours in them
 */
export function pairedGroups(count: number): readonly (readonly PairedGroup[])[] {
  const number = Math.max(2, Math.min(GROUPS, Math.floor(count / LEAST)));
  const size = Math.floor(count / number);
  if (size < 2) return [];
  const draw = (step: number) => {
    const order = permutation({ seed: 0, stream: streams.dataOrder, step }, count);
    return Array.from({ length: number }, (_, at) => order.subarray(at * size, (at + 1) * size));
  };
  return Array.from({ length: PARTITIONS }, (_, at) => {
    const generated = draw(2 * at + 1);
    return draw(2 * at).map((real, group) => ({ real, generated: generated[group]! }));
  });
}

/** Some points of a set, by their places. */
export function pick({ values, dimension }: PointSet, places: Uint32Array): PointSet {
  const result = new Float64Array(places.length * dimension);
  places.forEach((place, at) => {
    result.set(values.subarray(place * dimension, (place + 1) * dimension), at * dimension);
  });
  return points(result, dimension);
}
