// One work queue for devices that compute on the calling thread or take work ahead of doing it. A backend writes the
// operations of a session as if nothing else happened; the queue keeps their order, lets the event loop breathe,
// bounds how far the host runs ahead, and answers every call exactly once, whatever the device does.
import { isLangevinError, LangevinError } from "../errors.js";
import { eventLoopTurn, platform } from "../event-loop.js";
import type { UpdateStep } from "../optimizer.js";
import { closedError } from "./checks.js";
import type { AdvanceRun, Measure, Slot, Source } from "./contract.js";
import type { Engine, EngineDraw } from "./define-backend.js";

/**
 * The operations of one session as a device carries them out. They mean what they mean in `Session`; each is begun
 * when those before it have returned, and none is begun after a failure or after `close`. What one throws is the
 * failure of the session; what is not a LangevinError becomes `device-failed`.
 */
export interface DeviceOperations {
  /** The device as the subject of a sentence, for example "The graphics device". */
  readonly subject: string;
  /** Copies values into a slot. */
  write(slot: Slot, values: Float32Array): void;
  /** A copy of a slot. */
  read(slot: Slot): Float32Array | Promise<Float32Array>;
  /** x ← μ + σ·ξ, for the chains of the draw. */
  drawChains(draw: EngineDraw): void;
  /**
   * Takes the steps in short pieces, between which others get their turn and `close` is heard. A piece yields which
   * part it is of the work that the host may hand over before it asks whether the device keeps pace; where nothing is
   * handed over, the number does not matter.
   */
  advance(run: AdvanceRun): Iterable<number>;
  /** Adds weight·⟨v φᵀ⟩ and weight·⟨v⟩ over the states of a source to the statistics. */
  accumulate(source: Source, weight: number): void;
  /** Takes one step of the optimizer from the statistics, which are zero afterwards. */
  update(step: UpdateStep): void;
  /** averages ← averages + weight·(J, b − averages). */
  average(weight: number): void;
  /** E(x) or x·∇E of every state of a source, shape [B] or [P]. */
  measure(what: Measure, source: Source): Float32Array | Promise<Float32Array>;
  /** Resolves when the device has done what it was handed; absent where operations are done when they return. */
  finish?(): Promise<unknown>;
  /** Whether operations may be begun while `read` and `measure` still wait for their numbers; unless so, they wait. */
  readonly overlapsReads?: boolean;
  /** What is wrong with the device, if anything is; asked before every answer. */
  failure?(): LangevinError | undefined;
  /** Has the callback called when the device is lost, so that calls which it never answers are rejected; returns the way to take it off again. */
  onLost?(callback: (error: LangevinError) => void): () => void;
  /** Frees the memory. Called once, after everything else. */
  free(): void;
}

/** Milliseconds of work on the calling thread before the event loop gets its turn. */
const TURN = 10;
/** What an operation counts for at least, as a part of the work that may be handed over at once. */
const LEAST_PART = 1 / 64;

/** Something to do in order; `answer` is told whether it was done. */
interface Waiting {
  readonly work: () => unknown;
  readonly answer?: Answer;
}
interface Answer {
  resolve(value: never): void;
  reject(error: LangevinError): void;
}

/**
 * An engine that carries out a device's operations in order.
 *
 * The first failure ends the session: calls that are awaited then or later reject with it. The host is at most two
 * portions of work ahead of the device, a portion being parts that add up to one or ten milliseconds of the calling
 * thread, whichever is less.
 */
export function queueOperations(operations: DeviceOperations): Engine {
  const queue = new WorkQueue(operations);
  return {
    write: (slot, values) => queue.enqueue(() => operations.write(slot, values)),
    read: (slot) => queue.ask(() => operations.read(slot)),
    drawChains: (draw) => queue.enqueue(() => operations.drawChains(draw)),
    advance: (run) => queue.enqueue(() => operations.advance(run)),
    accumulate: (source, weight) => queue.enqueue(() => operations.accumulate(source, weight)),
    update: (step) => queue.enqueue(() => operations.update(step)),
    average: (weight) => queue.enqueue(() => operations.average(weight)),
    measure: (what, source) => queue.ask(() => operations.measure(what, source)),
    synchronize: () => queue.ask(async () => void (await operations.finish?.())),
    close: () => queue.close(),
  };
}

class WorkQueue {
  readonly #device: DeviceOperations;
  #waiting: Waiting[] = [];
  readonly #unanswered = new Set<Answer>();
  #failure: LangevinError | undefined;
  #running: Promise<void> | undefined;
  /** When the calling thread is given to others next. */
  #turnEnds = 0;
  /** Parts handed over since the device was last asked, and its answer to the question before. */
  #unasked = 0;
  #pace: Promise<unknown> = Promise.resolve();
  /** Ends the wait of the moment; a lost device may never do so. */
  #wake: (() => void) | undefined;
  readonly #forgetLoss: (() => void) | undefined;

  constructor(device: DeviceOperations) {
    this.#device = device;
    this.#forgetLoss = device.onLost?.((error) => {
      this.#fail(error);
      this.#wake?.();
    });
  }

  /** Enqueues work that nobody waits for; where it is in pieces, they are done one after the other. */
  enqueue(work: () => unknown): void {
    if (!this.#failure) this.#add({ work });
  }

  /** Enqueues a question, and resolves to its answer or rejects with the failure of the session. */
  ask<T>(work: () => T | Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      const answer = { resolve, reject };
      this.#unanswered.add(answer);
      this.#add({ work, answer });
    });
  }

  /** Rejects what waits, and frees the memory when what is in progress has come to its next piece. */
  async close(): Promise<void> {
    this.#fail(closedError("session"));
    await this.#running;
    this.#forgetLoss?.();
    this.#device.free();
  }

  #add(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // The caller goes on first.
    await null;
    await this.#takeTurns();
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      try {
        if (next.answer) await this.#answer(next.work, next.answer);
        else await this.#work(next.work);
      } catch (error) {
        this.#fail(error);
      }
    }
    this.#running = undefined;
  }

  async #work(work: () => unknown): Promise<void> {
    const pieces = work() as Iterable<number> | undefined;
    if (!pieces) return this.#handOver(0);
    for (const part of pieces) {
      const due = this.#handOver(part);
      if (due) await due;
      if (this.#failure) return;
    }
  }

  async #answer(work: () => unknown, answer: Answer): Promise<void> {
    const answered = Promise.resolve(work()).then(
      (value) => {
        const failure = this.#device.failure?.();
        if (failure) this.#fail(failure);
        if (this.#unanswered.delete(answer)) answer.resolve(value as never);
      },
      (error) => this.#fail(error),
    );
    if (this.#device.overlapsReads) return this.#handOver(0);
    await this.#until(answered);
    // An answer in order means that the device is done with everything before it.
    this.#unasked = 0;
    await this.#takeTurns();
  }

  /** Counts work, and where a portion or the turn is over, what has to be waited for. */
  #handOver(part: number): Promise<void> | undefined {
    this.#unasked += Math.max(part, LEAST_PART);
    const turnIsOver = platform.performance.now() >= this.#turnEnds;
    if (this.#unasked < 1 && !turnIsOver) return undefined;
    return this.#keepPace(turnIsOver);
  }

  async #keepPace(turnIsOver: boolean): Promise<void> {
    this.#unasked = 0;
    const before = this.#pace;
    const now = this.#device.finish?.();
    if (now) {
      this.#pace = now;
      now.catch((error) => this.#fail(error));
      await this.#until(before);
    }
    if (turnIsOver) await this.#takeTurns();
  }

  /** Lets everything else that waits run first, if it is its turn. */
  async #takeTurns(): Promise<void> {
    if (platform.performance.now() < this.#turnEnds) return;
    await eventLoopTurn();
    this.#turnEnds = platform.performance.now() + TURN;
  }

  /** Waits for something that a lost device may never do. */
  #until(done: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      done.then(
        () => resolve(),
        () => resolve(),
      );
    });
  }

  /** Remembers the first failure and rejects everything that waits with it. */
  #fail(error: unknown): void {
    if (this.#failure) return;
    this.#failure = isLangevinError(error) ? error : this.#explain(error);
    this.#waiting = [];
    for (const answer of this.#unanswered) answer.reject(this.#failure);
    this.#unanswered.clear();
  }

  #explain(error: unknown): LangevinError {
    const failure = this.#device.failure?.();
    if (failure) return failure;
    const reason = error instanceof Error ? error.message : String(error);
    const sentence = `${this.#device.subject} failed: ${reason}`;
    return new LangevinError("device-failed", sentence, undefined, { cause: error });
  }
}
