// A session as its user sees it: arguments are checked here, and the rest happens in the workers.
import {
  type AdvanceRun,
  closedError,
  type Measure,
  requireRestart,
  requireRun,
  requireSlotValues,
  requireSource,
  requireUpdate,
  requireWeight,
  type Session,
  type SessionSpec,
  type Slot,
  type Source,
  slotLength,
  type UpdateStep,
} from "@neural-langevin/core";
import type { SessionOperation } from "./messages.js";
import type { WorkerPool } from "./pool.js";

export class CpuSession implements Session {
  readonly spec: Required<SessionSpec>;
  readonly #pool: WorkerPool;
  readonly #number: number;
  readonly #onClose: () => void;
  readonly #calls = new Set<number>();
  #batchRows = 0;
  #closed = false;

  constructor(spec: Required<SessionSpec>, pool: WorkerPool, number: number, onClose: () => void) {
    this.spec = spec;
    this.#pool = pool;
    this.#number = number;
    this.#onClose = onClose;
  }

  write(slot: Slot, values: Float32Array): void {
    this.#requireOpen();
    requireSlotValues(this.spec, slot, values);
    const rows = slot === "batch" ? values.length / this.spec.units : 0;
    if (slot === "batch") this.#batchRows = rows;
    this.#enqueue({ kind: "write", slot, values: values.slice(), rows });
  }

  async read(slot: Slot): Promise<Float32Array> {
    slotLength(this.spec, slot);
    return (await this.#ask({ kind: "read", slot }))!;
  }

  restart(stream: number, step: number): void {
    requireRestart(stream, step);
    this.#enqueue({ kind: "restart", stream, step });
  }

  advance(run: AdvanceRun): void {
    requireRun(this.spec, run);
    const temperature =
      typeof run.temperature === "number" ? run.temperature : run.temperature.slice();
    const copied = { ...run, temperature, ...(run.pinned && { pinned: run.pinned.slice() }) };
    this.#enqueue({ kind: "advance", run: copied });
  }

  accumulate(source: Source, weight: number): void {
    requireSource(source, this.#batchRows);
    requireWeight(weight);
    this.#enqueue({ kind: "accumulate", source, weight });
  }

  update(step: UpdateStep): void {
    requireUpdate(step);
    this.#enqueue({ kind: "update", step });
  }

  async measure(what: Measure, source: Source): Promise<Float32Array> {
    requireSource(source, this.#batchRows);
    return (await this.#ask({ kind: "measure", what, source }))!;
  }

  async settle(): Promise<void> {
    await this.#ask({ kind: "settle" });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#enqueue({ kind: "close" });
    this.#closed = true;
    for (const call of this.#calls) this.#pool.abandon(call, closedError("session"));
    this.#onClose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #enqueue(operation: SessionOperation): void {
    this.#requireOpen();
    this.#pool.enqueue({ ...operation, session: this.#number });
  }

  async #ask(
    operation:
      | { kind: "read"; slot: Slot }
      | { kind: "measure"; what: Measure; source: Source }
      | { kind: "settle" },
  ): Promise<Float32Array | undefined> {
    this.#requireOpen();
    const call = this.#pool.nextCall();
    this.#calls.add(call);
    try {
      return await this.#pool.ask({ ...operation, call, session: this.#number });
    } finally {
      this.#calls.delete(call);
    }
  }

  #requireOpen(): void {
    if (this.#closed) throw closedError("session");
  }
}
