// The operations of a session wait in order for the device, which is not allowed to fall far behind.
import {
  type AdvanceRun,
  isLangevinError,
  LangevinError,
  type Measure,
  type Slot,
  type Source,
  type UpdateStep,
} from "@neural-langevin/core";
import { closedError, type Engine, type EngineDraw } from "@neural-langevin/core/backend";
import type { GraphicsDevice } from "./device.js";
import type { NetworkMemory } from "./network-memory.js";

/** Submissions that may go out before the device is asked whether it keeps up. */
const SUBMISSIONS_UNASKED = 64;

export class WebGpuEngine implements Engine {
  readonly #device: GraphicsDevice;
  readonly #memory: NetworkMemory;
  /** How to reject the calls that are not answered yet: a lost device may never answer. */
  readonly #asking = new Set<(error: LangevinError) => void>();
  #tail: Promise<void> = Promise.resolve();
  #failure: LangevinError | undefined;
  #closed = false;
  /** Work sent out since the device was last asked, and its answer to the question before. */
  #unasked = { operations: 0, submissions: 0 };
  #answer: Promise<unknown> = Promise.resolve();

  constructor(device: GraphicsDevice, memory: NetworkMemory) {
    this.#device = device;
    this.#memory = memory;
    void device.lost.then((error) => {
      for (const reject of this.#asking) reject(error);
    });
  }

  write(slot: Slot, values: Float32Array<ArrayBuffer>): void {
    this.#enqueue(() => this.#memory.write(slot, values));
  }

  read(slot: Slot): Promise<Float32Array> {
    return this.#ask(() => this.#memory.read(slot));
  }

  drawChains(draw: EngineDraw): void {
    this.#enqueue(() => this.#memory.drawChains(draw));
  }

  advance(run: AdvanceRun): void {
    this.#enqueue(async () => {
      for (const operations of this.#memory.advance(run)) {
        await this.#keepPace(operations);
        if (this.#closed || this.#device.failure) return;
      }
    });
  }

  accumulate(source: Source, weight: number): void {
    this.#enqueue(() => this.#memory.accumulate(source, weight));
  }

  update(step: UpdateStep): void {
    this.#enqueue(() => this.#memory.update(step));
  }

  average(weight: number): void {
    this.#enqueue(() => this.#memory.average(weight));
  }

  measure(what: Measure, source: Source): Promise<Float32Array> {
    return this.#ask(() => this.#memory.measure(what, source));
  }

  synchronize(): Promise<void> {
    return this.#ask(async () => {
      await this.#device.device.queue.onSubmittedWorkDone();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    // The operation at hand ends by itself; those behind it are left out.
    await this.#tail;
    this.#memory.free();
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
    return new Promise<T>((resolve, reject) => {
      this.#asking.add(reject);
      this.#tail = this.#tail.then(() => {
        if (this.#failed) return reject(this.#failed);
        if (this.#closed) return reject(closedError("session"));
        // Sent in order, awaited apart: what follows need not wait for the host's copy.
        void work()
          .then((value) => (this.#failed ? reject(this.#failed) : resolve(value)))
          .catch(async (error) => reject(await this.#fail(error)))
          .finally(() => this.#asking.delete(reject));
      });
    });
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
    this.#failure ??= isLangevinError(error)
      ? error
      : new LangevinError("device-failed", `The graphics device failed: ${reason}`, undefined, {
          cause: error,
        });
    return this.#failure;
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
}
