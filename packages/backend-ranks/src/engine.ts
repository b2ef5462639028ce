// A session on rank 0: it hands each operation to every rank, itself included, and puts their answers together.
import type {
  AdvanceRun,
  Measure,
  ResolvedSpec,
  Slot,
  Source,
  UpdateStep,
} from "@neural-langevin/core";
import { type Engine, type EngineDraw, statisticsLength } from "@neural-langevin/core/backend";
import type { Operation } from "./request.js";
import { concatenated } from "./shards.js";
import type { Team } from "./team.js";
import { branchesOfRank, cut, shardsOfRank, sumOfRanks } from "./tree.js";

export class RanksEngine implements Engine {
  readonly copiesWrites = true;
  readonly #spec: ResolvedSpec;
  readonly #shards: number;
  readonly #session: number;
  readonly #team: Team;
  readonly #inPlace: boolean;

  /** @param inPlace whether the statistics of all ranks can be reached in place, in the same order */
  constructor(spec: ResolvedSpec, shards: number, session: number, team: Team, inPlace: boolean) {
    this.#inPlace = inPlace;
    this.#spec = spec;
    this.#shards = shards;
    this.#session = session;
    this.#team = team;
  }

  /** Every rank gets a copy of its own part, so that it can be handed on. */
  write(slot: Slot, values: Float32Array): void {
    const { units } = this.#spec;
    const isCut = slot === "chains" || slot === "batch";
    const rows = isCut ? values.length / units : 0;
    for (let rank = 0; rank < this.#team.size; rank++) {
      const { first, end } = shardsOfRank(this.#shards, this.#team.size, rank);
      const mine = isCut
        ? values.subarray(
            cut(rows, this.#shards, first) * units,
            cut(rows, this.#shards, end) * units,
          )
        : (slot === "statistics" || slot === "averages") && rank > 0
          ? new Float32Array(0)
          : values;
      this.#tell(rank, { kind: "write", slot, values: mine.slice(), rows });
    }
  }

  async read(slot: Slot): Promise<Float32Array> {
    const { size } = this.#team;
    if (slot === "chains" || slot === "batch") {
      return concatenated(await this.#askAll({ kind: "read", slot }));
    }
    if (slot !== "statistics") {
      return (await this.#ask(0, { kind: "read", slot })) as Float32Array;
    }
    const sums = await this.#askAll({ kind: "read", slot });
    const length = statisticsLength(this.#spec.units);
    const branchSums = sums.flatMap((joined, rank) =>
      branchesOfRank(this.#shards, size, rank).map((_, at) =>
        joined.subarray(at * length, (at + 1) * length),
      ),
    );
    return sumOfRanks(this.#shards, size, branchSums).slice();
  }

  drawChains(draw: EngineDraw): void {
    this.#tellAll({ kind: "drawChains", draw });
  }

  advance(run: AdvanceRun): void {
    this.#tellAll({ kind: "advance", run });
  }

  accumulate(source: Source, weight: number): void {
    this.#tellAll({ kind: "accumulate", source, weight });
  }

  update(step: UpdateStep): void {
    this.#tellAll({ kind: "update", step, inPlace: this.#inPlace });
  }

  average(weight: number): void {
    this.#tell(0, { kind: "average", weight });
  }

  async measure(what: Measure, source: Source): Promise<Float32Array> {
    return concatenated(await this.#askAll({ kind: "measure", what, source }));
  }

  async synchronize(): Promise<void> {
    await this.#askAll({ kind: "synchronize" });
  }

  async close(): Promise<void> {
    // A rank that is lost has freed its memory in its own way.
    await Promise.allSettled(this.#team.askAll({ kind: "close", session: this.#session }));
  }

  #tell(rank: number, operation: Operation): void {
    this.#team.tell(rank, { kind: "operate", session: this.#session, operation });
  }

  #tellAll(operation: Operation): void {
    for (let rank = 0; rank < this.#team.size; rank++) this.#tell(rank, operation);
  }

  #ask(rank: number, operation: Operation): Promise<unknown> {
    return this.#team.ask(rank, { kind: "operate", session: this.#session, operation });
  }

  async #askAll(operation: Operation): Promise<Float32Array[]> {
    const request = { kind: "operate", session: this.#session, operation } as const;
    return (await Promise.all(this.#team.askAll(request))) as Float32Array[];
  }
}
