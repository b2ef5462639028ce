// A link over TCP connections, one between any two ranks.
import { LangevinError } from "@neural-langevin/core";
import type { Link } from "../link.js";
import { Mailbox } from "../mailbox.js";
import { Pulse } from "../pulse.js";
import { type Frames, LONGEST_REASON } from "./frames.js";

/** Milliseconds that a goodbye may take. */
const GOODBYE = 3000;

export class TcpLink implements Link {
  readonly rank: number;
  readonly size: number;
  readonly label: string;
  isComputing = false;
  readonly #lines: readonly (Frames | undefined)[];
  readonly #mailbox = new Mailbox();
  readonly #pulse: Pulse;
  #lost: number | undefined;

  /**
   * @param lines to each rank, by its number; none to this rank itself
   * @param patience seconds after which a silent rank is lost
   */
  constructor(
    rank: number,
    lines: readonly (Frames | undefined)[],
    label: string,
    patience: number,
  ) {
    this.rank = rank;
    this.size = lines.length;
    this.label = label;
    this.#lines = lines;
    this.#pulse = new Pulse({
      rank,
      size: lines.length,
      patience,
      beat: (to) => lines[to]!.send("beat"),
      onSilent: (other, error) => this.#lose(other, error),
    });
    lines.forEach((line, other) => {
      if (line) void this.#hear(line, other);
    });
  }

  get lost(): number | undefined {
    return this.#lost;
  }

  send(to: number, channel: number, bytes: Uint8Array): void {
    if (!this.#mailbox.failure) this.#lines[to]!.send("message", channel, bytes);
  }

  receive(from: number, channel: number, into?: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#mailbox.take(from, channel, into);
  }

  forget(channel: number): void {
    this.#mailbox.forget(channel);
  }

  fail(reason: string): void {
    this.#fail(new LangevinError("device-failed", reason), `Rank ${this.rank}: ${reason}`);
  }

  async close(): Promise<void> {
    const left = this.#lines.map(async (line) => {
      if (!line || line.wire.socket.destroyed) return;
      if (!this.#mailbox.failure) line.send("goodbye");
      await leave(line);
    });
    await Promise.all(left);
    this.#pulse.stop();
  }

  async #hear(line: Frames, from: number): Promise<void> {
    try {
      for (;;) {
        const { kind, channel, bytes } = await line.next({
          onGenuine: () => this.#pulse.heard(from),
          place: (channel, length) => this.#mailbox.place(from, channel, length),
        });
        if (kind === "message") this.#mailbox.deliver(from, channel, bytes);
        else if (kind === "goodbye") return this.#mailbox.goodbye(from);
        else if (kind === "failure") {
          const reason = new TextDecoder().decode(bytes);
          return this.#fail(new LangevinError("device-failed", reason), reason);
        }
      }
    } catch (error) {
      this.#lose(
        from,
        new LangevinError(
          "device-failed",
          `Rank ${from} at ${line.wire.address} is lost: ${(error as Error).message}.`,
          "What was saved before is whole; start the job again to go on from there.",
        ),
      );
    }
  }

  #lose(rank: number, error: LangevinError): void {
    if (!this.#mailbox.failure) this.#lost = rank;
    this.#fail(error, error.message);
  }

  /** Ends the work here and, with this reason, on the other ranks. */
  #fail(error: LangevinError, reason: string): void {
    if (this.#mailbox.failure) return;
    this.#mailbox.fail(error);
    this.#pulse.stop();
    const words = new TextEncoder().encode(reason).subarray(0, LONGEST_REASON);
    for (const line of this.#lines) {
      line?.send("failure", 0, words);
      if (line) void leave(line);
    }
  }
}

/** Ends a connection once everything is sent; the other side may be gone or stopped. */
async function leave({ wire: { socket } }: Frames): Promise<void> {
  const isClosed = new Promise((resolve) => socket.once("close", resolve));
  socket.end();
  const timer = setTimeout(() => socket.destroy(), GOODBYE);
  await isClosed;
  clearTimeout(timer);
}
