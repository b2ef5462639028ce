// What a session still has to do, in order. The queue works in short turns, so that the event loop breathes
// between them; the first failure ends it, and rejects every call that is awaited then or later.
import { closedError } from "@neural-langevin/core/backend";

/** Milliseconds of work after which others get their turn. */
const TURN = 10;

/** Lets everything else that waits run first. */
const breathe = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === "function") {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });

/** Work in pieces; a turn may end after each. */
export type Work = () => Iterable<void>;

interface Operation {
  readonly work: Work;
  readonly reject?: (error: unknown) => void;
  readonly resolve?: () => void;
}

export class WorkQueue {
  readonly #finish: () => Promise<void>;
  readonly #check: () => void;
  #operations: Operation[] = [];
  #working: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  /**
   * @param finish resolves when the device has done what was handed to it
   * @param check throws when the device has failed
   */
  constructor(finish: () => Promise<void>, check: () => void) {
    this.#finish = finish;
    this.#check = check;
  }

  /** Enqueues work that nobody waits for. */
  enqueue(work: Work): void {
    this.#add({ work });
  }

  /** Enqueues work and resolves to its result, once the device is done with all before it. */
  ask<T>(answer: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      let result: T;
      const work = () => {
        result = answer();
        return [];
      };
      this.#add({ work, reject, resolve: () => resolve(result) });
    });
  }

  /** Rejects what waits with `closed`, and resolves when no work is in progress any more. */
  async close(): Promise<void> {
    this.#fail(closedError("session"));
    await this.#working;
  }

  #add(operation: Operation): void {
    if (this.#failure) {
      operation.reject?.(this.#failure.error);
      return;
    }
    this.#operations.push(operation);
    this.#working ??= this.#run();
  }

  async #run(): Promise<void> {
    await breathe();
    let turnEnds = performance.now() + TURN;
    while (!this.#failure && this.#operations.length > 0) {
      const operation = this.#operations[0]!;
      try {
        // Waiting here, and not in a read that blocks, lets the event loop breathe.
        if (operation.resolve) await this.#finish();
        if (this.#failure) break;
        for (const _ of operation.work()) {
          if (performance.now() < turnEnds) continue;
          await this.#finish();
          await breathe();
          if (this.#failure) break;
          turnEnds = performance.now() + TURN;
        }
        if (operation.resolve) this.#check();
      } catch (error) {
        this.#fail(error);
      }
      if (this.#failure) break;
      this.#operations.shift();
      operation.resolve?.();
    }
    this.#working = undefined;
  }

  #fail(error: unknown): void {
    if (this.#failure) return;
    this.#failure = { error };
    for (const operation of this.#operations) operation.reject?.(error);
    this.#operations = [];
  }
}
