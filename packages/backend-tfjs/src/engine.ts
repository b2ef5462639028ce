// The operations of a session wait in a queue, which is worked off in short slices between which the event loop
// breathes, so that close() is heard in time.
import {
  type AdvanceRun,
  isLangevinError,
  LangevinError,
  type Measure,
  type ResolvedSpec,
  type Slot,
  type Source,
  type UpdateStep,
} from "@neural-langevin/core";
import type { Engine, EngineDraw } from "@neural-langevin/core/backend";
import type { Device } from "./platform.js";
import { TensorMachine } from "./tensor-machine.js";

/** Milliseconds of work before the event loop gets its turn. */
const SLICE = 20;

export class TfjsEngine implements Engine {
  readonly #device: Device;
  readonly #machine: TensorMachine;
  #queue: (() => Promise<void>)[] = [];
  #working: Promise<void> | undefined;
  #failure: LangevinError | undefined;
  #closed = false;
  #sliceEnd = 0;

  /** Allocates. Throws device-lost, device-failed. */
  constructor(spec: ResolvedSpec, device: Device) {
    this.#device = device;
    try {
      this.#machine = new TensorMachine(spec, device);
    } catch (error) {
      throw this.#deviceFailure(error);
    }
  }

  write(slot: Slot, values: Float32Array): void {
    this.#command(() => this.#machine.write(slot, values));
  }

  read(slot: Slot): Promise<Float32Array> {
    return this.#ask(() => this.#machine.read(slot));
  }

  drawChains(draw: EngineDraw): void {
    this.#command(() => this.#machine.drawChains(draw));
  }

  advance(run: AdvanceRun): void {
    this.#command(() => this.#advance(run));
  }

  accumulate(source: Source, weight: number): void {
    this.#command(() => this.#machine.accumulate(source, weight));
  }

  update(step: UpdateStep): void {
    this.#command(() => this.#machine.update(step));
  }

  average(weight: number): void {
    this.#command(() => this.#machine.average(weight));
  }

  measure(what: Measure, source: Source): Promise<Float32Array> {
    return this.#ask(() => this.#machine.measure(what, source));
  }

  synchronize(): Promise<void> {
    return this.#ask(() => this.#machine.wait());
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#queue = [];
    // The slice that runs ends at its next step; only then may its tensors go.
    await this.#working;
    this.#machine.dispose();
  }

  /** Takes the steps one by one until they are done or the session is closed. */
  async #advance(run: AdvanceRun): Promise<void> {
    const steps = this.#machine.steps(run);
    try {
      for (let taken = 1; !steps.next().done; taken++) {
        if (this.#device.queues && taken % STEPS_AHEAD === 0) await this.#machine.wait();
        await this.#breathe();
        if (this.#closed) return;
      }
    } finally {
      steps.return();
    }
  }

  /** Enqueues what nobody waits for; after a failure it is dropped, and the next who asks is told. */
  #command(work: () => void | Promise<void>): void {
    this.#enqueue(async () => {
      if (this.#failure) return;
      try {
        await work();
      } catch (error) {
        this.#failure = this.#deviceFailure(error);
      }
    });
  }

  #enqueue(work: () => Promise<void>): void {
    this.#queue.push(work);
    this.#working ??= this.#work();
  }

  #ask<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#enqueue(async () => {
        try {
          if (this.#failure) throw this.#failure;
          const result = await work();
          if (this.#device.isLost()) throw this.#deviceFailure(undefined);
          resolve(result);
        } catch (error) {
          this.#failure ??= this.#deviceFailure(error);
          reject(this.#failure);
        }
      });
    });
  }

  /** Works off the queue. */
  async #work(): Promise<void> {
    await pause();
    this.#sliceEnd = performance.now() + SLICE;
    for (let work = this.#queue.shift(); work; work = this.#queue.shift()) {
      await work();
      await this.#breathe();
    }
    this.#working = undefined;
  }

  async #breathe(): Promise<void> {
    if (performance.now() < this.#sliceEnd) return;
    await pause();
    this.#sliceEnd = performance.now() + SLICE;
  }

  #deviceFailure(error: unknown): LangevinError {
    if (isLangevinError(error)) return error;
    if (this.#device.isLost()) {
      return new LangevinError(
        "device-lost",
        `${this.#device.label} was taken away by the system.`,
        "Reload the page, and open a session from what was read last.",
      );
    }
    const reason = error instanceof Error ? error.message : String(error);
    const sentence = `TensorFlow.js failed: ${reason}`;
    return new LangevinError("device-failed", sentence, undefined, { cause: error });
  }
}

/** Steps that a device which only enqueues may be ahead of. */
const STEPS_AHEAD = 16;

/** One turn of the event loop; a timer would wait for milliseconds in a browser. */
const pause = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === "function") setImmediate(resolve);
    else {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(undefined);
    }
  });
