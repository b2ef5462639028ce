// How two processes prove to each other that they know the secret of the job, without sending it: each answers a random
// challenge of the other by HMAC-SHA-256 (RFC 2104) over both challenges and both ranks. Keys for what follows come of the
// secret and both challenges.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { LangevinError } from "@neural-langevin/core";
import { Frames, keysOf } from "./frames.js";
import type { Wire } from "./wire.js";

const greeting = Buffer.from("NLRANKS2");
const CHALLENGE = 32;
const PROOF = 32;

const verdicts = ["welcome", "another secret", "another number of ranks", "no such rank"] as const;
type Verdict = (typeof verdicts)[number];

/** Who takes part. */
export interface Member {
  readonly rank: number;
  readonly size: number;
  readonly secret: string;
}

const number = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

const proof = (secret: string, role: string, parts: readonly Uint8Array[]): Buffer => {
  const hmac = createHmac("sha256", secret).update(role);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
};

/**
 * Greets a process that has connected, and returns its rank and what frames go through; undefined where it speaks another
 * language.
 *
 * @param isFree whether a rank is still expected
 * @throws invalid-value (another secret, another number of ranks, a rank that is not expected)
 */
export async function accept(
  wire: Wire,
  me: Member,
  isFree: (rank: number) => boolean,
): Promise<{ readonly rank: number; readonly frames: Frames } | undefined> {
  const challenge = randomBytes(CHALLENGE);
  wire.socket.write(Buffer.concat([greeting, challenge]));
  const answer = Buffer.from(await wire.take(greeting.length + 8 + CHALLENGE + PROOF));
  if (!answer.subarray(0, greeting.length).equals(greeting)) return undefined;
  const said = answer.subarray(greeting.length, greeting.length + 8);
  const theirs = answer.subarray(greeting.length + 8, greeting.length + 8 + CHALLENGE);
  const [rank, size] = [said.readUInt32LE(0), said.readUInt32LE(4)];
  const parts = [number(me.rank), challenge, theirs, said];
  const isProved = timingSafeEqual(answer.subarray(-PROOF), proof(me.secret, "connecting", parts));
  let verdict: Verdict = "welcome";
  if (!isProved) verdict = "another secret";
  else if (size !== me.size) verdict = "another number of ranks";
  else if (!isFree(rank)) verdict = "no such rank";
  const sign = Buffer.of(verdicts.indexOf(verdict));
  wire.socket.write(Buffer.concat([sign, proof(me.secret, "accepting", [...parts, sign])]));
  if (verdict === "welcome") {
    const keys = keysOf(me.secret, Buffer.concat(parts), "accepting", "connecting");
    return { rank, frames: new Frames(wire, keys) };
  }
  const who = `A process at ${wire.address} that says it is rank ${rank}`;
  throw new LangevinError(
    "invalid-value",
    {
      "another secret": `${who} has another secret than rank ${me.rank}.`,
      "another number of ranks": `${who} counts ${size} ranks, and rank ${me.rank} counts ${me.size}.`,
      "no such rank": `${who} is not expected: that rank is here already, or there is no such rank.`,
    }[verdict],
    "Start all ranks with the same command and the same secret.",
  );
}

/**
 * Introduces this process to the one that it has connected to, and returns what frames go through.
 *
 * @param to the rank that is expected there
 * @throws invalid-value (this process is refused, or the other one does not know the secret)
 */
export async function introduce(wire: Wire, me: Member, to: number): Promise<Frames> {
  const hello = Buffer.from(await wire.take(greeting.length + CHALLENGE));
  if (!hello.subarray(0, greeting.length).equals(greeting)) {
    throw new LangevinError(
      "invalid-value",
      `What answers at ${wire.address}:${wire.socket.remotePort} is not rank ${to}.`,
      "Name the address and port of rank 0.",
    );
  }
  const said = Buffer.concat([number(me.rank), number(me.size)]);
  const challenge = randomBytes(CHALLENGE);
  const parts = [number(to), hello.subarray(greeting.length), challenge, said];
  const mine = proof(me.secret, "connecting", parts);
  wire.socket.write(Buffer.concat([greeting, said, challenge, mine]));
  const answer = Buffer.from(await wire.take(1 + PROOF));
  const sign = answer.subarray(0, 1);
  const isProved = timingSafeEqual(
    answer.subarray(1),
    proof(me.secret, "accepting", [...parts, sign]),
  );
  const verdict = isProved ? verdicts[sign[0]!] : "another secret";
  if (verdict === "welcome") {
    return new Frames(wire, keysOf(me.secret, Buffer.concat(parts), "connecting", "accepting"));
  }
  throw new LangevinError(
    "invalid-value",
    verdict === "another secret"
      ? `Rank ${me.rank} has another secret than rank ${to}.`
      : `Rank ${to} refused rank ${me.rank} of ${me.size}: ${verdict}.`,
    "Start all ranks with the same command and the same secret.",
  );
}
