// A session as its user sees it: arguments are checked here, and operations wait in order for the device.
import {
  type AdvanceRun,
  closedError,
  LangevinError,
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
import type { GraphicsDevice } from "./device.js";
import type { NetworkMemory } from "./network-memory.js";

/** Submissions that may go out before the device is asked whether it keeps up. */
const SUBMISSIONS_UNASKED = 64;

export class WebGpuSession implements Session {
  readonly spec: Required<SessionSpec>;
  readonly #device: GraphicsDevice;
  readonly #memory: NetworkMemory;
  readonly #onClose: () => void;
  /** Rejections of the calls that are awaited. */
  readonly #pending = new Set<(error: LangevinError) => void>();
  #tail: Promise<void> = Promise.resolve();
  #batchRows = 0;
  #failure: LangevinError | undefined;
  #closed = false;
  /** Work sent out since the device was last asked, and its answer to the question before. */
  #unasked = { operations: 0, submissions: 0 };
  #answer: Promise<unknown> = Promise.resolve();

  constructor(
    spec: Required<SessionSpec>,
    device: GraphicsDevice,
    memory: NetworkMemory,
    onClose: () => void,
  ) {
    this.spec = spec;
    this.#device = device;
    this.#memory = memory;
    this.#onClose = onClose;
    void device.lost.then((error) => this.#reject(error));
  }

  write(slot: Slot, values: Float32Array): void {
    this.#requireOpen();
    requireSlotValues(this.spec, slot, values);
    if (slot === "batch") this.#batchRows = values.length / this.spec.units;
    const copy = Float32Array.from(values);
    this.#enqueue(() => this.#memory.write(slot, copy));
  }

  async read(slot: Slot): Promise<Float32Array> {
    this.#requireOpen();
    slotLength(this.spec, slot);
    return this.#ask(() => this.#memory.read(slot));
  }

  restart(stream: number, step: number): void {
    this.#requireOpen();
    requireRestart(stream, step);
    this.#enqueue(() => this.#memory.restart(stream, step));
  }

  advance(run: AdvanceRun): void {
    this.#requireOpen();
    requireRun(this.spec, run);
    const temperature =
      typeof run.temperature === "number" ? run.temperature : run.temperature.slice();
    const copied = { ...run, temperature, ...(run.pinned && { pinned: run.pinned.slice() }) };
    this.#enqueue(async () => {
      for (const operations of this.#memory.advance(copied)) {
        await this.#keepPace(operations);
        if (this.#closed || this.#device.failure) return;
      }
    });
  }

  accumulate(source: Source, weight: number): void {
    this.#requireOpen();
    requireSource(source, this.#batchRows);
    requireWeight(weight);
    this.#enqueue(() => this.#memory.accumulate(source, weight));
  }

  update(step: UpdateStep): void {
    this.#requireOpen();
    requireUpdate(step);
    const copied = { ...step, optimizer: { ...step.optimizer } };
    this.#enqueue(() => this.#memory.update(copied));
  }

  async measure(what: Measure, source: Source): Promise<Float32Array> {
    this.#requireOpen();
    requireSource(source, this.#batchRows);
    return this.#ask(() => this.#memory.measure(what, source));
  }

  async settle(): Promise<void> {
    this.#requireOpen();
    await this.#ask(() => this.#device.device.queue.onSubmittedWorkDone());
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#reject(closedError("session"));
    this.#onClose();
    // The operation at hand ends by itself; those behind it are left out.
    await this.#tail;
    this.#memory.free();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Does this after everything before it, unless the session has ended or failed by then. */
  #enqueue(work: () => unknown): void {
    this.#tail = this.#tail.then(async () => {
      if (this.#closed || this.#failed) return;
      try {
        await work();
        await this.#keepPace(0);
      } catch (error) {
        await this.#fail(error);
      }
    });
  }

  /** Enqueues this and resolves to its result, or rejects with what went wrong before or in it. */
  #ask<T>(work: () => Promise<T>): Promise<T> {
    const result = new Promise<T>((resolve, reject) => {
      this.#pending.add(reject);
      const settle = (end: () => void) => {
        this.#pending.delete(reject);
        end();
      };
      this.#tail = this.#tail.then(async () => {
        if (this.#closed) return;
        try {
          if (this.#failed) throw this.#failed;
          // Sent in order, awaited apart: what follows need not wait for the host's copy.
          void work().then(
            (value) => {
              const error = this.#failed;
              settle(error ? () => reject(error) : () => resolve(value));
            },
            async (error: unknown) => {
              const failure = await this.#fail(error);
              settle(() => reject(failure));
            },
          );
        } catch (error) {
          const failure = await this.#fail(error);
          settle(() => reject(failure));
        }
      });
    });
    return result;
  }

  get #failed(): LangevinError | undefined {
    return this.#failure ?? this.#device.failure;
  }

  /** Remembers the first failure. An aborted copy means that the device is being lost, so its reason is awaited. */
  async #fail(error: unknown): Promise<LangevinError> {
    if ((error as { name?: string }).name === "AbortError" && !this.#closed) {
      return this.#device.lost;
    }
    if (this.#closed) return closedError("session");
    const reason = error instanceof Error ? error.message : String(error);
    this.#failure ??=
      error instanceof LangevinError
        ? error
        : new LangevinError("device-failed", `The graphics device failed: ${reason}`, undefined, {
            cause: error,
          });
    return this.#failure;
  }

  #reject(error: LangevinError): void {
    for (const reject of this.#pending) reject(error);
    this.#pending.clear();
  }

  /**
   * Waits where the host is more than two submissions' worth ahead, so that closing stays prompt and no queue
   * grows without bound.
   */
  async #keepPace(operations: number): Promise<void> {
    const unasked = this.#unasked;
    unasked.operations += operations;
    unasked.submissions++;
    if (
      unasked.operations < this.#device.submission / 2 &&
      unasked.submissions < SUBMISSIONS_UNASKED
    ) {
      return;
    }
    this.#unasked = { operations: 0, submissions: 0 };
    const before = this.#answer;
    this.#answer = this.#device.device.queue.onSubmittedWorkDone();
    await before;
  }

  #requireOpen(): void {
    if (this.#closed) throw closedError("session");
  }
}
