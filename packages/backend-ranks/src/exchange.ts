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
    this.#total = new Float32Array(size > 1 ? end - first : 0);
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
    if (!link) return void (await own);
    const channel = this.#channel;
    // Each begins with its next neighbour, so that no rank is the first of all.
    const others = Array.from({ length: size - 1 }, (_, at) => (rank + 1 + at) % size);
    const awaited: Promise<void>[] = [];
    const hear = (other: number, piece: Float32Array) => {
      const heard = receiveInto(link, other, channel, piece, own);
      heard.catch(() => {});
      awaited.push(heard);
      return heard;
    };
    // Others may be done before this rank is; memory is named before numbers come, in the order in which they do.
    const come = others.map((other) =>
      this.#come[other]!.map((slice) => pieces(slice).map((piece) => hear(other, piece))),
    );
    const sums = await own;
    const sliceOf = (values: Float32Array, one: number) => values.subarray(...this.#slice(one));
    for (const other of others) {
      for (const sum of sums) {
        for (const piece of pieces(sliceOf(sum, other))) sendNumbers(link, other, channel, piece);
      }
      for (const piece of pieces(sliceOf(sums[0]!, other))) hear(other, piece);
    }
    const mine = sums.map((sum) => sliceOf(sum, rank));
    const parts = this.#come.flatMap((slices, one) => (one === rank ? mine : slices)).map(pieces);
    for (const [at, piece] of pieces(mine[0]!).entries()) {
      await Promise.all(come.flat().map((slice) => slice[at]));
      const sum = sumOfRanks(
        this.#shards,
        size,
        parts.map((part) => part[at]!),
      );
      // Whoever sends for this update has the total of the update before, so its memory is free.
      const total = pieces(this.#total)[at]!;
      total.set(sum);
      for (const other of others) sendNumbers(link, other, channel, total);
      piece.set(total);
    }
    await Promise.all(awaited);
  }

  /** Where the numbers begin and end that a rank adds. */
  #slice(rank: number): [number, number] {
    const start = (one: number) => cut(this.#length, this.#ranks.size, one);
    return [start(rank), start(rank + 1)];
  }
}

/** Numbers that are added and sent together: they stay in a processor's cache, and the next come meanwhile. */
const PIECE = 2 ** 16;

const pieces = (values: Float32Array): Float32Array[] =>
  Array.from({ length: Math.ceil(values.length / PIECE) }, (_, at) =>
    values.subarray(at * PIECE, (at + 1) * PIECE),
  );
