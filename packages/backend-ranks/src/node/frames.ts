// Frames on one connection between two ranks that know the secret. Each is sealed by AES-256 in Galois message
// authentication (GMAC, NIST SP 800-38D) under a key of this connection and direction, with the number of the seal as nonce:
// who does not know the secret can neither change, repeat, swap or leave out anything, nor send what another connection
// carried. Contents are not hidden. It costs a quarter of HMAC-SHA-256.
import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import { longestPiece } from "../link.js";
import type { Wire } from "./wire.js";

/** What a frame is: `beat` says no more than that its sender lives. */
const kinds = ["message", "goodbye", "failure", "beat"] as const;
export type Kind = (typeof kinds)[number];

export interface Frame {
  readonly kind: Kind;
  readonly channel: number;
  readonly bytes: Uint8Array;
}

/** How a frame is received. */
export interface Reception {
  /** Called as often as a part of it has come and is genuine. */
  onGenuine?(): void;
  /**
   * Where the bytes of a message are put, if somewhere; they begin an ArrayBuffer of their own unless so. What is there
   * before the whole frame has come need not be genuine.
   */
  place?(channel: number, length: number): Uint8Array | undefined;
}

/** The longest reason of a failure, in bytes. */
export const LONGEST_REASON = 4096;
const longest: Readonly<Record<Kind, number>> = {
  message: longestPiece,
  goodbye: 0,
  failure: LONGEST_REASON,
  beat: 0,
};

/** Kind, channel and length. */
const HEADER = 9;
/** Bytes under one seal, and the most that are kept before they are known to be genuine. */
const PART = 2 ** 20;
const SEAL = 16;
const none = new Uint8Array(0);

/** Keys of the two directions of a connection. */
export interface Keys {
  readonly send: Uint8Array;
  readonly receive: Uint8Array;
}

/**
 * The keys of one connection, by HKDF (RFC 5869).
 *
 * @param challenges of both sides, which no other connection has
 * @param mine,theirs what tells the two sides apart
 */
export function keysOf(secret: string, challenges: Uint8Array, mine: string, theirs: string): Keys {
  const key = (from: string) =>
    new Uint8Array(hkdfSync("sha256", secret, challenges, `frames ${from}`, 32));
  return { send: key(mine), receive: key(theirs) };
}

export class Frames {
  readonly wire: Wire;
  readonly #keys: Keys;
  #sent = 0;
  #received = 0;

  constructor(wire: Wire, keys: Keys) {
    this.wire = wire;
    this.#keys = keys;
  }

  /** Sends bytes, which must not change any more. Once the connection is ending, nothing is sent. */
  send(kind: Kind, channel = 0, bytes: Uint8Array = none): void {
    const { socket } = this.wire;
    if (!socket.writable) return;
    const header = Buffer.alloc(HEADER);
    header.writeUInt8(kinds.indexOf(kind), 0);
    header.writeUInt32LE(channel, 1);
    header.writeUInt32LE(bytes.length, 5);
    socket.cork();
    socket.write(header);
    for (let at = 0; at === 0 || at < bytes.length; at += PART) {
      const part = bytes.subarray(at, at + PART);
      const seal = createCipheriv("aes-256-gcm", this.#keys.send, nonce(this.#sent++));
      if (at === 0) seal.setAAD(header);
      seal.setAAD(part).final();
      socket.write(part);
      socket.write(seal.getAuthTag());
    }
    socket.uncork();
  }

  /**
   * The next frame.
   *
   * @throws what ends the connection; an Error for bytes that are not a frame of the other side
   */
  async next({ onGenuine, place }: Reception = {}): Promise<Frame> {
    const header = Buffer.from(await this.wire.take(HEADER));
    const kind = kinds[header.readUInt8(0)];
    const [channel, length] = [header.readUInt32LE(1), header.readUInt32LE(5)];
    if (kind === undefined || length > longest[kind]) throw new Error(FORGED);
    const ready = kind === "message" ? place?.(channel, length) : undefined;
    let bytes = ready ?? new Uint8Array(Math.min(length, PART));
    await this.#part(bytes.subarray(0, PART), header);
    onGenuine?.();
    if (bytes.length < length) {
      const whole = new Uint8Array(length);
      whole.set(bytes);
      bytes = whole;
    }
    for (let at = PART; at < length; at += PART) {
      await this.#part(bytes.subarray(at, at + PART));
      onGenuine?.();
    }
    return { kind, channel, bytes };
  }

  /** Fills in a part, and makes sure that it is genuine. */
  async #part(part: Uint8Array, header: Uint8Array = none): Promise<Uint8Array> {
    await this.wire.fill(part);
    const seal = createDecipheriv("aes-256-gcm", this.#keys.receive, nonce(this.#received++));
    seal.setAuthTag(await this.wire.take(SEAL));
    seal.setAAD(header).setAAD(part);
    try {
      seal.final();
    } catch {
      throw new Error(FORGED);
    }
    return part;
  }
}

const FORGED = "what came from there was changed, repeated or not sent by it";

/** The nonce of the seal of this number. */
function nonce(number: number): Uint8Array {
  const bytes = Buffer.alloc(12);
  bytes.writeBigUInt64LE(BigInt(number));
  return bytes;
}
