// The shards of a session that one rank computes: an inner session for each, with a part of the chains and of the data,
// and its own copy of the parameters.
import type {
  AdvanceRun,
  Backend,
  ResolvedSpec,
  Session,
  Slot,
  Source,
} from "@neural-langevin/core";
import {
  closedError,
  concatenate,
  type EngineDraw,
  handOver,
  statisticsLength,
} from "@neural-langevin/core/backend";
import { StatisticsExchange } from "./exchange.js";
import type { Ranks } from "./ranks.js";
import type { Operation } from "./request.js";
import { branchesOfRank, cut, shardsOfRank, sumOfBranch } from "./tree.js";

const none = new Float32Array(0);

/** One shard: `chains` begin at number `first` of the whole session, and there may be none. */
interface Shard {
  readonly session: Session;
  readonly number: number;
  readonly first: number;
  readonly chains: number;
}

export class LocalShards {
  readonly #spec: ResolvedSpec;
  /** How many there are on all ranks. */
  readonly #count: number;
  readonly #shards: readonly Shard[];
  readonly #ranks: Ranks;
  readonly #channel: number;
  /** Begun by the first update. */
  #exchange: StatisticsExchange | undefined;
  /** Data states on all ranks. */
  #rows = 0;
  /** When everything that was asked for is done, and when everything is that reads data states. */
  #queue: Promise<void> = Promise.resolve();
  #dataQueue: Promise<void> = Promise.resolve();
  #failure: unknown;

  private constructor(
    spec: ResolvedSpec,
    count: number,
    shards: readonly Shard[],
    ranks: Ranks,
    channel: number,
  ) {
    this.#spec = spec;
    this.#count = count;
    this.#shards = shards;
    this.#ranks = ranks;
    this.#channel = channel;
  }

  /**
   * Opens the inner sessions of a rank.
   *
   * @param channel on which statistics are exchanged
   */
  static async open(
    backend: Backend,
    spec: ResolvedSpec,
    shards: number,
    ranks: Ranks,
    channel: number,
  ): Promise<LocalShards> {
    const range = shardsOfRank(shards, ranks.size, ranks.rank);
    const opened: Shard[] = [];
    try {
      for (let number = range.first; number < range.end; number++) {
        const first = cut(spec.chains, shards, number);
        const chains = cut(spec.chains, shards, number + 1) - first;
        const session = await backend.open({
          ...spec,
          // A session has at least one chain; one of a shard without any stays at rest.
          chains: Math.max(1, chains),
          firstChain: Math.min(spec.firstChain + first, 2 ** 32 - 1),
          batch: Math.ceil(spec.batch / shards),
          averages: spec.averages && number === 0,
        });
        opened.push({ session, number, first, chains });
      }
    } catch (error) {
      await Promise.all(opened.map(({ session }) => session.close()));
      throw error;
    }
    return new LocalShards(spec, shards, opened, ranks, channel);
  }

  /** In which order the statistics of all shards of this rank can be reached in place, if they can. */
  get order(): string | undefined {
    const orders = new Set(this.#shards.map(({ session }) => session.statistics?.order));
    return orders.size === 1 ? [...orders][0] : undefined;
  }

  /** Carries out an operation after those before it; resolves to what a question is answered with. */
  operate(operation: Operation): Promise<unknown> | undefined {
    const answer = this.#begin(operation);
    const { source, slot } = operation as { source?: Source; slot?: Slot };
    if (source === "batch" || slot === "batch") this.#dataQueue = this.#queue;
    return answer;
  }

  #begin(operation: Operation): Promise<unknown> | undefined {
    switch (operation.kind) {
      case "read":
        return this.#ask(() => this.#read(operation.slot));
      case "measure": {
        const { what, source } = operation;
        return this.#ask(async () => {
          const measured = this.#shards.map((shard) =>
            this.#states(shard, source) > 0 ? shard.session.measure(what, source) : none,
          );
          return concatenated(await Promise.all(measured));
        });
      }
      case "synchronize":
        return this.#ask(async () => {
          await Promise.all(this.#shards.map(({ session }) => session.synchronize()));
        });
      default:
        this.#enqueue(() => this.#do(operation), operation);
        return undefined;
    }
  }

  async close(): Promise<void> {
    this.#failure ??= closedError("session");
    this.#ranks.forget(this.#channel);
    await Promise.all(this.#shards.map(({ session }) => session.close()));
    await this.#queue;
  }

  #do(operation: Exclude<Operation, { kind: "read" | "measure" | "synchronize" }>) {
    switch (operation.kind) {
      case "write":
        return this.#write(operation.slot, operation.values, operation.rows);
      case "drawChains":
        return this.#drawChains(operation.draw);
      case "advance":
        return this.#advance(operation.run);
      case "accumulate": {
        const { source, weight } = operation;
        const all = source === "chains" ? this.#spec.chains : this.#rows;
        for (const shard of this.#shards) {
          const count = this.#states(shard, source);
          if (count > 0) shard.session.accumulate(source, (weight * count) / all);
        }
        return;
      }
      case "update":
        return this.#update(operation);
      case "average":
        this.#shards[0]!.session.average(operation.weight);
    }
  }

  /** Averages, and statistics that are written, are those of the first shard alone. */
  #write(slot: Slot, values: Float32Array, rows: number): void {
    if (slot === "batch") this.#rows = rows;
    let at = 0;
    for (const shard of this.#shards) {
      const { session, number } = shard;
      if (slot === "chains" || slot === "batch") {
        const end = at + this.#states(shard, slot) * this.#spec.units;
        const part = values.subarray(at, end);
        const isAlone = part.byteLength === part.buffer.byteLength;
        if (end > at) handOver(session, slot, isAlone ? part : part.slice());
        at = end;
      } else if (number === 0 || (slot !== "statistics" && slot !== "averages")) {
        session.write(slot, values);
      } else if (slot === "statistics") {
        session.write(slot, new Float32Array(statisticsLength(this.#spec.units)));
      }
    }
  }

  /** Statistics come as the sums of this rank's branches of the tree, one after the other. */
  async #read(slot: Slot): Promise<Float32Array> {
    if (slot === "statistics") {
      const read = this.#shards.map(({ session }) => session.read(slot));
      return concatenated(this.#branchSums(await Promise.all(read)));
    }
    if (slot !== "chains" && slot !== "batch") return this.#shards[0]!.session.read(slot);
    const parts = this.#shards.map((shard) =>
      this.#states(shard, slot) > 0 ? shard.session.read(slot) : none,
    );
    return concatenated(await Promise.all(parts));
  }

  #drawChains({ first, count, ...draw }: EngineDraw): void {
    for (const shard of this.#shards) {
      const from = Math.max(first, shard.first);
      const end = Math.min(first + count, shard.first + shard.chains);
      if (from >= end) continue;
      shard.session.drawChains({
        ...draw,
        only: { first: from - shard.first, count: end - from },
      });
    }
  }

  #advance(run: AdvanceRun): void {
    const { temperature } = run;
    for (const { session, first, chains } of this.#shards) {
      if (chains === 0) continue;
      session.advance({
        ...run,
        temperature:
          typeof temperature === "number" ? temperature : temperature.slice(first, first + chains),
      });
    }
  }

  /** Statistics are added where they lie, or as copies in the order of the contract. */
  async #update({ step, inPlace }: Extract<Operation, { kind: "update" }>): Promise<void> {
    const shards = this.#count;
    if (shards === 1) return this.#shards[0]!.session.update(step);
    const lent = this.#ranks.computing(
      Promise.all(
        this.#shards.map(({ session }) =>
          inPlace ? session.statistics!.lend() : session.read("statistics"),
        ),
      ),
    );
    const sums = lent.then((statistics) => this.#branchSums(statistics));
    this.#exchange ??= new StatisticsExchange(
      this.#ranks,
      this.#channel,
      shards,
      (await sums)[0]!.length,
    );
    await this.#exchange.add(sums);
    if (this.#failure) return;
    const statistics = await lent;
    this.#shards.forEach(({ session }, at) => {
      if (!inPlace) session.write("statistics", statistics[0]!);
      else if (at > 0) statistics[at]!.set(statistics[0]!);
      session.update(step);
    });
  }

  /** The sums over the branches of the tree that this rank has whole, from the statistics of its shards. Changes them. */
  #branchSums(statistics: readonly Float32Array[]): Float32Array[] {
    const branches = branchesOfRank(this.#count, this.#ranks.size, this.#ranks.rank);
    return branches.map((branch) =>
      sumOfBranch(branch, ({ first, end }) =>
        end - first === 1 ? statistics[first - this.#shards[0]!.number] : undefined,
      ),
    );
  }

  /** How many chains or data states a shard has. */
  #states({ number, chains }: Shard, source: "chains" | "batch"): number {
    if (source === "chains") return chains;
    const shards = this.#count;
    return cut(this.#rows, shards, number + 1) - cut(this.#rows, shards, number);
  }

  /** New data states do not wait for the update before: they are put where they belong while statistics travel. */
  #enqueue(work: () => void | Promise<void>, { kind, ...operation }: Operation): void {
    const overtakes = kind === "write" && "slot" in operation && operation.slot === "batch";
    const done = (overtakes ? this.#dataQueue : this.#queue)
      .then(() => (this.#failure === undefined ? work() : undefined))
      .catch((error: unknown) => {
        this.#failure ??= error;
      });
    this.#queue = overtakes ? Promise.all([this.#queue, done]).then(() => {}) : done;
  }

  /** Asks in order, and does not keep what comes later waiting for the answer: inner sessions keep the order. */
  #ask<T>(question: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue = this.#queue.then(() => {
        if (this.#failure !== undefined) return reject(this.#failure);
        this.#ranks.computing(question()).then(resolve, (error: unknown) => {
          this.#failure ??= error;
          reject(error);
        });
      });
    });
  }
}

/** One array of several, in their order; a single one itself. */
export const concatenated = (parts: readonly Float32Array[]): Float32Array =>
  parts.length === 1 ? parts[0]! : concatenate(Float32Array, parts);
