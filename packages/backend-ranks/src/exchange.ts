// The sum of statistics over all shards, on every rank. Each rank adds one slice of the numbers, for all shards and in
// the order of the tree, and gives it to the others: two numbers per parameter leave and enter each rank, however many
// there are, and all ranks end with the same bits.
import { receiveNumbers, sendNumbers } from "./message.js";
import type { Ranks } from "./ranks.js";
import { branchesOfRank, cut, sumOfRanks } from "./tree.js";

/**
 * Adds the statistics of all ranks, each of which calls this at the same time, and puts the total into the first of its
 * sums.
 *
 * @param sums of the branches of this rank, which change; they may lie in a device's memory, for nothing that is sent from
 *   there is still on its way when this resolves
 */
export async function addStatistics(
  { link, rank, size }: Ranks,
  channel: number,
  shards: number,
  sums: readonly Float32Array[],
): Promise<void> {
  if (!link) return;
  const all = sums[0]!;
  const start = (one: number) => cut(all.length, size, one);
  const sliceOf = (values: Float32Array, one: number) =>
    values.subarray(start(one), start(one + 1));
  // Each begins with its next neighbour, so that no rank is the first of all.
  const others = Array.from({ length: size - 1 }, (_, at) => (rank + 1 + at) % size);
  for (const other of others) {
    for (const sum of sums) sendNumbers(link, other, channel, sliceOf(sum, other));
  }
  const mine = sliceOf(all, rank);
  const come = Array.from({ length: size }, async (_, one) => {
    if (one === rank) return sums.map((sum) => sliceOf(sum, rank));
    const slices: Float32Array[] = [];
    for (const _ of branchesOfRank(shards, size, one)) {
      slices.push(await receiveNumbers(link, one, channel, mine.length));
    }
    return slices;
  });
  const total = sumOfRanks(shards, size, (await Promise.all(come)).flat());
  // The others may take it after this rank has gone on, so it is sent from where nobody changes it any more.
  const kept = total.buffer === mine.buffer ? total.slice() : total;
  for (const other of others) sendNumbers(link, other, channel, kept);
  if (kept === total) mine.set(total);
  await Promise.all(
    others.map(async (other) => {
      const theirs = sliceOf(all, other);
      theirs.set(await receiveNumbers(link, other, channel, theirs.length));
    }),
  );
}
