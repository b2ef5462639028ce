// The sum of statistics over all shards, on every rank. Each rank adds one slice of the numbers, for all shards and in
// the order of the tree, and gives it to the others: two numbers per parameter leave and enter each rank, however many
// there are, and all ranks end with the same bits. Numbers come where they are needed, or into memory that is kept from one
// update to the next, because new memory takes longer than the numbers.
import { receiveInto, sendNumbers } from "./message.js";
import type { Ranks } from "./ranks.js";
import { branchesOfRank, cut, sumOfRanks } from "./tree.js";

/** The exchanges of one session, one after the other. */
export class StatisticsExchange {
  readonly #ranks: Ranks;
  readonly #channel: number;
  readonly #shards: number;
  readonly #length: number;
  /** Of every other rank, what it sends of its branches for this rank's slice. */
  readonly #come: readonly (readonly Float32Array[])[];
  /** The total of this rank's slice, until the others have it. */
  readonly #total: Float32Array;

  /**
   * @param channel on which statistics are exchanged
   * @param length of the statistics
   */
  constructor(ranks: Ranks, channel: number, shards: number, length: number) {
    this.#ranks = ranks;
    this.#channel = channel;
    this.#shards = shards;
    this.#length = length;
    const { rank, size } = ranks;
    const [first, end] = this.#slice(rank);
    this.#total = new Float32Array(end - first);
    this.#come = Array.from({ length: size }, (_, one) =>
      one === rank
        ? []
        : branchesOfRank(shards, size, one).map(() => new Float32Array(end - first)),
    );
  }

  /**
   * Adds the statistics of all ranks, each of which calls this at the same time, and puts the total into the first of its
   * sums.
   *
   * @param own resolves to the sums of the branches of this rank, which change; they may lie in a device's memory, for
   *   nothing that is sent from there is still on its way when this resolves
   */
  async add(own: Promise<readonly Float32Array[]>): Promise<void> {
    const { link, rank, size } = this.#ranks;
    if (!link || size === 1) return void (await own);
    const channel = this.#channel;
    // Each begins with its next neighbour, so that no rank is the first of all.
    const others = Array.from({ length: size - 1 }, (_, at) => (rank + 1 + at) % size);
    const sliceOf = (values: Float32Array, one: number) => values.subarray(...this.#slice(one));
    // Others may be done before this rank is, and memory is named before numbers come.
    const come = others.map(async (other) => {
      for (const slice of this.#come[other]!) await receiveInto(link, other, channel, slice, own);
    });
    const totals = others.map(async (other, at) => {
      await come[at];
      await receiveInto(link, other, channel, sliceOf((await own)[0]!, other));
    });
    const done = Promise.all(totals);
    done.catch(() => {});
    const sums = await own;
    for (const other of others) {
      for (const sum of sums) sendNumbers(link, other, channel, sliceOf(sum, other));
    }
    await Promise.all(come);
    const mine = sums.map((sum) => sliceOf(sum, rank));
    const branchSums = this.#come.flatMap((theirs, one) => (one === rank ? mine : theirs));
    // Whoever sends for this update has the total of the update before, so its memory is free.
    this.#total.set(sumOfRanks(this.#shards, size, branchSums));
    for (const other of others) sendNumbers(link, other, channel, this.#total);
    mine[0]!.set(this.#total);
    await done;
  }

  /** Where the numbers begin and end that a rank adds. */
  #slice(rank: number): [number, number] {
    const start = (one: number) => cut(this.#length, this.#ranks.size, one);
    return [start(rank), start(rank + 1)];
  }
}
