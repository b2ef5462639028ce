// One session's operations, on their way to the workers.
import type {
  AdvanceRun,
  LentStatistics,
  Measure,
  Slot,
  Source,
  StatisticsNorms,
  UpdateStep,
} from "@neural-langevin/core";
import { closedError, type Engine, type EngineDraw } from "@neural-langevin/core/backend";
import type { Answered, SessionOperation } from "./messages.js";
import type { WorkerPool } from "./pool.js";

export class CpuEngine implements Engine {
  readonly statistics: LentStatistics | undefined;
  readonly #pool: WorkerPool;
  readonly #number: number;
  readonly #units: number;
  readonly #calls = new Set<number>();

  /** @param order of the statistics, where this thread shares memory with the workers */
  constructor(pool: WorkerPool, number: number, units: number, order: string | undefined) {
    const lend = () => this.#ask<Float32Array>({ kind: "lend" });
    this.statistics = order === undefined ? undefined : { order, lend };
    this.#pool = pool;
    this.#number = number;
    this.#units = units;
  }

  write(slot: Slot, values: Float32Array): void {
    const rows = slot === "batch" ? values.length / this.#units : 0;
    this.#enqueue({ kind: "write", slot, values, rows });
  }

  async read(slot: Slot): Promise<Float32Array> {
    return this.#ask({ kind: "read", slot });
  }

  drawChains(draw: EngineDraw): void {
    this.#enqueue({ kind: "drawChains", draw });
  }

  advance(run: AdvanceRun): void {
    this.#enqueue({ kind: "advance", run });
  }

  accumulate(source: Source, weight: number): void {
    this.#enqueue({ kind: "accumulate", source, weight });
  }

  update(step: UpdateStep): void {
    this.#enqueue({ kind: "update", step });
  }

  average(weight: number): void {
    this.#enqueue({ kind: "average", weight });
  }

  async measure(what: Measure, source: Source): Promise<Float32Array> {
    return this.#ask({ kind: "measure", what, source });
  }

  async norms(): Promise<StatisticsNorms> {
    const [couplings, bias] = await this.#ask<Float64Array>({ kind: "norms" });
    return { couplings: couplings!, bias: bias! };
  }

  async synchronize(): Promise<void> {
    await this.#ask({ kind: "synchronize" });
  }

  async close(): Promise<void> {
    this.#enqueue({ kind: "close" });
    for (const call of this.#calls) this.#pool.abandon(call, closedError("session"));
    this.#pool.meetings.delete(this.#number);
  }

  #enqueue(operation: SessionOperation): void {
    this.#pool.enqueue({ ...operation, session: this.#number });
  }

  async #ask<Values extends Answered>(
    operation:
      | { kind: "read"; slot: Slot }
      | { kind: "lend" }
      | { kind: "norms" }
      | { kind: "measure"; what: Measure; source: Source }
      | { kind: "synchronize" },
  ): Promise<Values> {
    const call = this.#pool.nextCall();
    this.#calls.add(call);
    try {
      return (await this.#pool.ask({ ...operation, call, session: this.#number })) as Values;
    } finally {
      this.#calls.delete(call);
    }
  }
}
