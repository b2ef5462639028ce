// The processes that compute one training: who they are, and how rank 0 asks the others. Rank 0 alone runs the program
// and decides; the others do what it asks, so that a signal, a clock or an error of one rank can never let two of them
// go different ways.
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import type { Link } from "./link.js";
import { receiveValue, sendValue } from "./message.js";
import type { Request } from "./request.js";

interface Call {
  readonly rank: number;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** An answer to a request. */
type Answer =
  | { readonly call: number; readonly value: unknown }
  | { readonly call: number; readonly error: ErrorText };
type ErrorText = Pick<LangevinError, "code" | "message"> & { readonly remedy?: string | undefined };

/** All ranks as one of them sees them. `joinRanks` makes them. */
export class Ranks implements AsyncDisposable {
  /** This rank's number; rank 0 runs the program. */
  readonly rank: number;
  /** Number of ranks. */
  readonly size: number;
  /** What carries messages between them, in words. */
  readonly label: string;
  /** Undefined where this process is the only rank. */
  readonly link: Link | undefined;
  readonly #calls = new Map<number, Call>();
  #lastNumber = 0;
  #computing = 0;
  #failure: unknown;
  #closing: Promise<void> | undefined;

  /** @param link to the other ranks; one process alone unless given */
  constructor(link?: Link) {
    this.link = link;
    this.rank = link?.rank ?? 0;
    this.size = link?.size ?? 1;
    this.label = link?.label ?? "one process";
    if (!link || link.rank > 0) return;
    for (let rank = 1; rank < link.size; rank++) void this.#hear(link, rank);
  }

  /** Why ranks no longer work together, if so. */
  get failure(): unknown {
    return this.#failure;
  }

  /** A number that no backend, session or call had before. */
  nextNumber(): number {
    return ++this.#lastNumber;
  }

  /** Asks another rank to do something and does not wait. */
  tell(rank: number, request: Request): void {
    if (this.#failure === undefined) sendValue(this.link!, rank, 0, { request });
  }

  /**
   * Asks another rank and resolves to its answer.
   *
   * @throws device-failed (the rank is lost), and what it throws, with the rank in front of the sentence
   */
  ask(rank: number, request: Request): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      const call = this.nextNumber();
      this.#calls.set(call, { rank, resolve, reject });
      sendValue(this.link!, rank, 0, { call, request });
    });
  }

  /**
   * What rank 0 asks of this rank next, or undefined once it has closed.
   *
   * @throws device-failed (rank 0 is lost)
   */
  async nextRequest(): Promise<{ call?: number; request: Request } | undefined> {
    return (await receiveValue(this.link!, 0, 0)) as { call?: number; request: Request };
  }

  /** Answers a call of rank 0 with a value. */
  answer(call: number, value: unknown): void {
    sendValue(this.link!, 0, 0, { call, value } satisfies Answer);
  }

  /** Answers that something failed. */
  refuse(call: number, error: unknown): void {
    const { code, message, remedy } = isLangevinError(error)
      ? error
      : new LangevinError("device-failed", error instanceof Error ? error.message : String(error));
    sendValue(this.link!, 0, 0, { call, error: { code, message, remedy } } satisfies Answer);
  }

  /** Waits for what this rank computes. */
  async computing<T>(work: Promise<T>): Promise<T> {
    const { link } = this;
    if (!link) return work;
    if (++this.#computing === 1) link.isComputing = true;
    try {
      return await work;
    } finally {
      if (--this.#computing === 0) link.isComputing = false;
    }
  }

  /** Drops the messages of a session that is closed. */
  forget(channel: number): void {
    this.link?.forget(channel);
  }

  /** Ends the work of all ranks: their calls reject with this reason, and so do those of this rank. */
  fail(reason: string): void {
    this.link?.fail(reason);
  }

  /** Lets the other ranks go home, once everything is sent. Closing twice does nothing. */
  close(): Promise<void> {
    this.#closing ??= this.link?.close() ?? Promise.resolve();
    return this.#closing;
  }

  /** Closes, as `await using` does. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #hear(link: Link, rank: number): Promise<void> {
    try {
      for (;;) {
        const answer = (await receiveValue(link, rank, 0)) as Answer | undefined;
        if (!answer) {
          if (this.#closing) return;
          throw new LangevinError("device-failed", `Rank ${rank} has left.`);
        }
        const call = this.#calls.get(answer.call);
        this.#calls.delete(answer.call);
        if (!("error" in answer)) call?.resolve(answer.value);
        else {
          const { code, message, remedy } = answer.error;
          call?.reject(new LangevinError(code, `Rank ${rank}: ${message}`, remedy));
        }
      }
    } catch (error) {
      this.#failure ??= error;
      for (const { reject } of this.#calls.values()) reject(this.#failure);
      this.#calls.clear();
    }
  }
}
