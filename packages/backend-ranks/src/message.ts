// Values as messages: JSON for what is small, arrays as they lie in memory, so that nothing large is copied.
import { LangevinError } from "@neural-langevin/core";
import { type Link, longestPiece } from "./link.js";

type Numbers = Float32Array | Float64Array | Uint8Array;
const arrayTypes = { Float32Array, Float64Array, Uint8Array };

/** Sends a value of objects, lists, strings, numbers and typed arrays. */
export function sendValue(link: Link, to: number, channel: number, value: unknown): void {
  const arrays: Numbers[] = [];
  const text = JSON.stringify(value, (_, part) => {
    if (part === Number.POSITIVE_INFINITY) return { infinity: true };
    if (!ArrayBuffer.isView(part)) return part;
    return { array: arrays.push(part as Numbers) - 1 };
  });
  const kinds = arrays.map((array) => [nameOf(array), array.length]);
  link.send(to, channel, new TextEncoder().encode(JSON.stringify({ text, kinds })));
  for (const array of arrays) sendNumbers(link, to, channel, array);
}

const nameOf = (array: Numbers) =>
  Object.prototype.toString.call(array).slice(8, -1) as keyof typeof arrayTypes;

/** The next value from a rank, or undefined once it has closed its link. */
export async function receiveValue(link: Link, from: number, channel: number): Promise<unknown> {
  const header = await link.receive(from, channel);
  if (!header) return undefined;
  const { text, kinds } = JSON.parse(new TextDecoder().decode(header)) as {
    text: string;
    kinds: [keyof typeof arrayTypes, number][];
  };
  const arrays: Numbers[] = [];
  for (const [name, length] of kinds) {
    const Type = arrayTypes[name];
    arrays.push(new Type(await receiveBytes(link, from, channel, length * Type.BYTES_PER_ELEMENT)));
  }
  return JSON.parse(text, (_, part) => {
    if (typeof part !== "object" || part === null) return part;
    if ("infinity" in part) return Number.POSITIVE_INFINITY;
    return "array" in part ? arrays[part.array] : part;
  });
}

/** Sends the numbers of an array, which must not change any more. */
export function sendNumbers(link: Link, to: number, channel: number, numbers: Numbers): void {
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  for (let at = 0; at < bytes.length; at += longestPiece) {
    link.send(to, channel, bytes.subarray(at, at + longestPiece));
  }
}

/**
 * Fills an array with the next numbers from a rank. What is in it may change until this resolves.
 *
 * @param urgent resolves when this rank has nothing else to do; at once unless given
 */
export async function receiveInto(
  link: Link,
  from: number,
  channel: number,
  numbers: Numbers,
  urgent?: Promise<unknown>,
): Promise<void> {
  const whole = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  for (let at = 0; at < whole.length; at += longestPiece) {
    const part = whole.subarray(at, at + longestPiece);
    const piece = await receivePiece(link, from, channel, part.length, part, urgent);
    if (piece !== part) part.set(piece);
  }
}

async function receiveBytes(
  link: Link,
  from: number,
  channel: number,
  length: number,
): Promise<ArrayBuffer> {
  if (length > 0 && length <= longestPiece) {
    return (await receivePiece(link, from, channel, length)).buffer as ArrayBuffer;
  }
  const whole = new Uint8Array(length);
  await receiveInto(link, from, channel, whole);
  return whole.buffer;
}

async function receivePiece(
  link: Link,
  from: number,
  channel: number,
  due: number,
  into?: Uint8Array,
  urgent?: Promise<unknown>,
): Promise<Uint8Array> {
  const piece = await link.receive(from, channel, into, urgent);
  if (piece?.length === due) return piece;
  throw new LangevinError(
    "device-failed",
    piece
      ? `Rank ${from} sent ${piece.length} bytes where ${due} were due.`
      : `Rank ${from} left in the middle of a message.`,
  );
}
