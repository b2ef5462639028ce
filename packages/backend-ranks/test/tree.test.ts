// The order in which shards are added depends on their number alone.
import { describe, expect, it } from "vitest";
import { branchesOfRank, shardsOfRank, sumOfRanks } from "../src/tree.js";

/** Numbers whose float32 sum depends on the order. */
const ofShard = (shard: number) =>
  Float32Array.from({ length: 9 }, (_, at) => Math.sin(shard * 7 + at) * 10 ** (shard % 5));

/** The sum by the definition: both halves first, then the two. */
function defined(first: number, end: number): Float32Array {
  if (end - first === 1) return ofShard(first);
  const middle = Math.floor((first + end) / 2);
  const [left, right] = [defined(first, middle), defined(middle, end)];
  return left.map((value, at) => value + right[at]!);
}

describe("the tree over shards", () => {
  it.each([1, 2, 3, 5, 6, 8, 13, 16])(
    "of %i gives the defined bits on every number of ranks",
    (shards) => {
      for (let size = 1; size <= shards; size++) {
        const sums = Array.from({ length: size }, (_, rank) =>
          branchesOfRank(shards, size, rank).map(({ first, end }) => defined(first, end)),
        );
        expect(sumOfRanks(shards, size, sums.flat())).toEqual(defined(0, shards));
      }
    },
  );

  it("gives every shard to one rank and every rank a shard", () => {
    for (const [shards, size] of [
      [8, 3],
      [13, 13],
      [7, 4],
    ] as const) {
      const ranges = Array.from({ length: size }, (_, rank) => shardsOfRank(shards, size, rank));
      expect(ranges[0]!.first).toBe(0);
      expect(ranges.at(-1)!.end).toBe(shards);
      ranges.forEach(({ first, end }, rank) => {
        expect(end).toBeGreaterThan(first);
        if (rank > 0) expect(first).toBe(ranges[rank - 1]!.end);
      });
    }
  });

  it("lets each of 2^k ranks add its shards by itself where 2^k divides their number", () => {
    for (const size of [2, 4, 8, 16]) {
      for (const shards of [size, 2 * size, 3 * size, 7 * size]) {
        for (let rank = 0; rank < size; rank++) {
          expect(branchesOfRank(shards, size, rank)).toHaveLength(1);
        }
      }
    }
  });
});
