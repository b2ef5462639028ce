// Frames on a connection: what was sent comes, and nothing else does.
import { randomBytes } from "node:crypto";
import { connect, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { type Frame, Frames, type Keys, type Kind, keysOf } from "../src/node/frames.js";
import type { Wire } from "../src/node/wire.js";
import { freePort, joinAsRankZero, startMember } from "./tcp-team.js";

const secret = "a secret of the tests";
const challenges = randomBytes(64);
const left = keysOf(secret, challenges, "left", "right");
const right = keysOf(secret, challenges, "right", "left");

interface Message {
  readonly kind: Kind;
  readonly channel: number;
  readonly bytes: Uint8Array;
}
const message = (bytes: Uint8Array, channel = 3): Message => ({ kind: "message", channel, bytes });

/** What a connection carries for each of some frames. */
function sealed(messages: readonly Message[], keys: Keys = left): Buffer[] {
  let written: Buffer[] = [];
  const write = (bytes: Uint8Array) => written.push(Buffer.from(bytes));
  const socket = { writable: true, cork() {}, uncork() {}, write };
  const frames = new Frames({ socket } as unknown as Wire, keys);
  return messages.map(({ kind, channel, bytes }) => {
    written = [];
    frames.send(kind, channel, bytes);
    return Buffer.concat(written);
  });
}

/** What the right end makes of bytes: its frames until the first error. */
async function opened(bytes: Uint8Array): Promise<(Frame | string)[]> {
  let at = 0;
  const fill = async (target: Uint8Array) => {
    if (at + target.length > bytes.length) throw new Error(ended);
    target.set(bytes.subarray(at, at + target.length));
    at += target.length;
    return target;
  };
  const take = (length: number) => fill(new Uint8Array(length));
  const frames = new Frames({ fill, take } as unknown as Wire, right);
  const seen: (Frame | string)[] = [];
  for (;;) {
    try {
      seen.push(await frames.next());
    } catch (error) {
      return [...seen, (error as Error).message];
    }
  }
}

const forged = "what came from there was changed, repeated or not sent by it";
const ended = "the connection was closed";
const few = [message(Buffer.from("first")), message(Buffer.from("second")), message(Buffer.of())];

describe("frames", () => {
  it("come as they were sent, whatever their length", async () => {
    const lengths = [0, 1, 2 ** 20 - 1, 2 ** 20, 2 ** 20 + 1, 3 * 2 ** 20 + 5];
    const sent: Message[] = [
      ...lengths.map((length, channel) => message(randomBytes(length), channel)),
      { kind: "beat", channel: 0, bytes: Buffer.of() },
      { kind: "goodbye", channel: 0, bytes: Buffer.of() },
    ];
    const came = await opened(Buffer.concat(sealed(sent)));
    expect(came.pop()).toBe(ended);
    expect(came).toHaveLength(sent.length);
    sent.forEach(({ kind, channel, bytes }, at) => {
      const frame = came[at] as Frame;
      expect([frame.kind, frame.channel]).toEqual([kind, channel]);
      expect(Buffer.compare(frame.bytes, bytes)).toBe(0);
    });
  });

  it("of which one bit was changed are refused, wherever it is", async () => {
    const [frame] = sealed(few);
    for (let at = 0; at < frame!.length; at++) {
      const changed = Buffer.from(frame!);
      changed[at]! ^= 1 << (at % 8);
      const seen = await opened(changed);
      // A length that grew waits for bytes that never come.
      expect(seen).toHaveLength(1);
      expect([forged, ended]).toContain(seen[0]);
    }
  });

  it("of several parts are refused when one bit of the last is changed", async () => {
    const [frame] = sealed([message(randomBytes(2 ** 20 + 99))]);
    frame![frame!.length - 30]! ^= 1;
    expect(await opened(frame!)).toEqual([forged]);
  });

  it("that are repeated, swapped or left out are refused", async () => {
    const [first, second, third] = sealed(few);
    const orders = [
      [first, first],
      [first, second, first],
      [first, third],
    ];
    for (const order of orders) {
      const seen = await opened(Buffer.concat(order as Buffer[]));
      expect(seen).toHaveLength(order.length);
      expect(seen.at(-1)).toBe(forged);
    }
    expect(await opened(second!)).toEqual([forged]);
  });

  it("of another connection, another secret or the other direction are refused", async () => {
    const others = [
      keysOf(secret, randomBytes(64), "left", "right"),
      keysOf("another secret of the tests", challenges, "left", "right"),
      right,
    ];
    for (const keys of others) {
      expect(await opened(sealed(few, keys)[0]!)).toEqual([forged]);
    }
  });

  it("are refused by their header where they would be too long", async () => {
    const header = Buffer.alloc(9);
    header.writeUInt32LE(2 ** 28 + 1, 5);
    expect(await opened(header)).toEqual([forged]);
  });
});

it("somebody between two ranks who changes a byte ends the job on both", async () => {
  const [port, own] = [await freePort(), await freePort()];
  let isLinked = false;
  const between = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const socket of [near, far]) socket.on("error", () => {});
    far.pipe(near);
    near.on("data", (bytes) => {
      if (isLinked) bytes[bytes.length - 1]! ^= 1;
      far.write(bytes);
    });
    near.on("close", () => far.destroy());
  });
  await new Promise<void>((resolve) => between.listen(own, "127.0.0.1", resolve));
  const joining = joinAsRankZero(port, 2);
  const member = startMember(own, 1, 2);
  const ranks = await joining;
  isLinked = true;
  const asked = ranks.ask(1, { kind: "close", session: 7 });
  await expect(asked).rejects.toMatchObject({
    code: "device-failed",
    message: `Rank 1 at 127.0.0.1 is lost: ${forged}.`,
  });
  expect((await member.ended).code).toBe(3);
  await ranks.close();
  between.close();
});
