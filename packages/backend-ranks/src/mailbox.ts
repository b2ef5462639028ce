// Messages that have come and calls that wait for them: the half of a link that does not depend on what carries it.
import { closedError } from "@neural-langevin/core/backend";

interface Box {
  readonly come: Uint8Array[];
  readonly waiting: {
    readonly into: Uint8Array | undefined;
    isUrgent: boolean;
    resolve(bytes: Uint8Array | undefined): void;
    reject(error: unknown): void;
  }[];
}

export class Mailbox {
  readonly #boxes = new Map<number, Map<number, Box>>();
  readonly #gone = new Set<number>();
  readonly #forgotten = new Set<number>();
  #failure: Error | undefined;

  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Whether a call waits for a message on a channel that passes, of an urgent one or any. */
  waits(passes: (channel: number, isUrgent: boolean) => boolean): boolean {
    for (const [channel, boxes] of this.#boxes) {
      for (const { waiting } of boxes.values()) {
        if (waiting.some(({ isUrgent }) => passes(channel, isUrgent))) return true;
      }
    }
    return false;
  }

  deliver(from: number, channel: number, bytes: Uint8Array): void {
    if (this.#forgotten.has(channel)) return;
    const { come, waiting } = this.#box(from, channel);
    const first = waiting.shift();
    if (first) first.resolve(bytes);
    else come.push(bytes);
  }

  /**
   * Where the call that waits for a message wants it, if it does and has the length.
   *
   * @param before how many messages of this rank and channel are still coming
   */
  place(from: number, channel: number, length: number, before = 0): Uint8Array | undefined {
    const into = this.#boxes.get(channel)?.get(from)?.waiting[before]?.into;
    return into?.length === length ? into : undefined;
  }

  async take(
    from: number,
    channel: number,
    into?: Uint8Array,
    urgent?: Promise<unknown>,
  ): Promise<Uint8Array | undefined> {
    if (this.#forgotten.has(channel)) throw closedError("session");
    const { come, waiting } = this.#box(from, channel);
    const bytes = come.shift();
    if (bytes) return bytes;
    if (this.#failure) throw this.#failure;
    if (this.#gone.has(from)) return undefined;
    return new Promise((resolve, reject) => {
      const call = { into, isUrgent: urgent === undefined, resolve, reject };
      waiting.push(call);
      urgent?.then(
        () => {
          call.isUrgent = true;
        },
        () => {},
      );
    });
  }

  forget(channel: number): void {
    this.#forgotten.add(channel);
    const boxes = this.#boxes.get(channel);
    this.#boxes.delete(channel);
    for (const { waiting } of boxes?.values() ?? []) {
      for (const { reject } of waiting) reject(closedError("session"));
    }
  }

  /** Nothing more comes from a rank that has said goodbye. */
  goodbye(from: number): void {
    this.#gone.add(from);
    for (const boxes of this.#boxes.values()) {
      for (const { resolve } of boxes.get(from)?.waiting.splice(0) ?? []) resolve(undefined);
    }
  }

  hasLeft(from: number): boolean {
    return this.#gone.has(from);
  }

  /** Rejects every call that waits and every later one; the first failure counts. */
  fail(error: Error): void {
    if (this.#failure) return;
    this.#failure = error;
    for (const boxes of this.#boxes.values()) {
      for (const { waiting } of boxes.values()) {
        for (const { reject } of waiting.splice(0)) reject(error);
      }
    }
  }

  #box(from: number, channel: number): Box {
    const boxes = this.#boxes.get(channel) ?? new Map<number, Box>();
    this.#boxes.set(channel, boxes);
    const box = boxes.get(from) ?? { come: [], waiting: [] };
    boxes.set(from, box);
    return box;
  }
}
