// A link over TCP connections, one between any two ranks. A frame is its kind, its channel and its length, then so many
// bytes; its length is bounded, and connections are taken from processes that know the secret alone.
import { LangevinError } from "@neural-langevin/core";
import { type Link, longestPiece } from "../link.js";
import { Mailbox } from "../mailbox.js";
import { Pulse } from "../pulse.js";
import type { Wire } from "./wire.js";

const kinds = { message: 0, goodbye: 1, failure: 2, beat: 3 } as const;
const HEADER = 9;
/** The longest reason of a failure, in bytes. */
const LONGEST_REASON = 4096;
/** Milliseconds that a goodbye may take. */
const GOODBYE = 3000;
const none = new Uint8Array(0);

export class TcpLink implements Link {
  readonly rank: number;
  readonly size: number;
  readonly label: string;
  readonly #wires: readonly (Wire | undefined)[];
  readonly #mailbox = new Mailbox();
  readonly #pulse: Pulse;
  #lost: number | undefined;

  /**
   * @param wires to each rank, by its number; none to this rank itself
   * @param patience seconds after which a silent rank is lost
   */
  constructor(rank: number, wires: readonly (Wire | undefined)[], label: string, patience: number) {
    this.rank = rank;
    this.size = wires.length;
    this.label = label;
    this.#wires = wires;
    this.#pulse = new Pulse({
      rank,
      size: wires.length,
      patience,
      beat: (to) => this.#write(to, kinds.beat, 0, none),
      onSilent: (other, error) => this.#lose(other, error),
    });
    wires.forEach((wire, other) => {
      wire?.socket.on("data", () => this.#pulse.heard(other));
      if (wire) void this.#hear(wire, other);
    });
  }

  get lost(): number | undefined {
    return this.#lost;
  }

  send(to: number, channel: number, bytes: Uint8Array): void {
    if (!this.#mailbox.failure) this.#write(to, kinds.message, channel, bytes);
  }

  receive(from: number, channel: number): Promise<Uint8Array | undefined> {
    return this.#mailbox.take(from, channel);
  }

  forget(channel: number): void {
    this.#mailbox.forget(channel);
  }

  fail(reason: string): void {
    this.#fail(new LangevinError("device-failed", reason), `Rank ${this.rank}: ${reason}`);
  }

  async close(): Promise<void> {
    const left = this.#wires.map(async (wire, other) => {
      if (!wire || wire.socket.destroyed) return;
      if (!this.#mailbox.failure) this.#write(other, kinds.goodbye, 0, none);
      await leave(wire);
    });
    await Promise.all(left);
    this.#pulse.stop();
  }

  #write(to: number, kind: number, channel: number, bytes: Uint8Array): void {
    const { socket } = this.#wires[to]!;
    if (!socket.writable) return;
    const header = Buffer.alloc(HEADER);
    header.writeUInt8(kind, 0);
    header.writeUInt32LE(channel, 1);
    header.writeUInt32LE(bytes.length, 5);
    socket.cork();
    socket.write(header);
    socket.write(bytes);
    socket.uncork();
  }

  async #hear(wire: Wire, from: number): Promise<void> {
    try {
      for (;;) {
        const header = Buffer.from(await wire.take(HEADER));
        const [kind, channel, length] = [
          header.readUInt8(0),
          header.readUInt32LE(1),
          header.readUInt32LE(5),
        ];
        const longest = kind === kinds.message ? longestPiece : LONGEST_REASON;
        if (kind > kinds.beat || length > longest) {
          throw new Error(`it sent a frame of kind ${kind} and ${length} bytes`);
        }
        const bytes = await wire.take(length);
        if (kind === kinds.message) this.#mailbox.deliver(from, channel, bytes);
        else if (kind === kinds.goodbye) return this.#mailbox.goodbye(from);
        else if (kind === kinds.failure) {
          const reason = new TextDecoder().decode(bytes);
          return this.#fail(new LangevinError("device-failed", reason), reason);
        }
      }
    } catch (error) {
      this.#lose(
        from,
        new LangevinError(
          "device-failed",
          `Rank ${from} at ${wire.address} is lost: ${(error as Error).message}.`,
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
    this.#wires.forEach((wire, other) => {
      if (!wire) return;
      this.#write(other, kinds.failure, 0, words);
      void leave(wire);
    });
  }
}

/** Ends a connection once everything is sent; the other side may be gone or stopped. */
async function leave({ socket }: Wire): Promise<void> {
  const isClosed = new Promise((resolve) => socket.once("close", resolve));
  socket.end();
  const timer = setTimeout(() => socket.destroy(), GOODBYE);
  await isClosed;
  clearTimeout(timer);
}
