// Numbers as files store them: every real type of up to 64 bits, in both byte orders.
import { LangevinError } from "@neural-langevin/core";
import type { Numbers } from "./grey.js";

const kinds = {
  i1: Int8Array,
  u1: Uint8Array,
  i2: Int16Array,
  u2: Uint16Array,
  i4: Int32Array,
  u4: Uint32Array,
  f4: Float32Array,
  f8: Float64Array,
} as const;

/** Bytes of a number of a type by NumPy's name. */
export const bytesOfType = (type: string): number => Number(/\d+/.exec(type)![0]);

/** Whether numbers of a type by NumPy's name are floats. */
export const isFloatType = (type: string): boolean => /^b?f/.test(type);

/**
 * Numbers of a type by NumPy's name, as "u1" or "f8"; bfloat16, which NumPy does not have, is "bf2". What JavaScript has
 * no array for becomes the next that holds it: b1 bytes of 0 and 1, f2 and bf2 float32, i8 and u8 int32 where every value
 * fits, else float64.
 *
 * @param name the file's name, for errors
 * @param first the place of the first number in the file, for errors
 * @throws unsupported when a 64-bit integer is beyond ±2⁵³, where float64 is not exact
 */
export function readNumbers(
  bytes: Uint8Array,
  type: string,
  bigEndian: boolean,
  name: string,
  first = 0,
): Numbers {
  const size = bytesOfType(type);
  const aligned = bytes.byteOffset % size === 0;
  const content =
    bigEndian && size > 1 ? reversed(bytes, size) : aligned ? bytes : new Uint8Array(bytes);
  const as = <T>(
    kind: new (buffer: ArrayBufferLike, start: number, length: number) => T,
    n = size,
  ) => new kind(content.buffer, content.byteOffset, content.length / n);
  switch (type) {
    case "b1":
      return bits(content);
    case "f2":
      return floatsOfHalves(as(Uint16Array));
    case "bf2":
      return floatsOfUpperHalves(as(Uint16Array));
    case "i8":
      return numbersOfWords(as(Uint32Array, 4), true, name, first);
    case "u8":
      return numbersOfWords(as(Uint32Array, 4), false, name, first);
    default:
      return as<Numbers>(kinds[type as keyof typeof kinds]);
  }
}

/** Booleans as 0 and 1. */
function bits(bytes: Uint8Array): Uint8Array {
  const values = new Uint8Array(bytes.length);
  for (let at = 0; at < values.length; at++) values[at] = bytes[at] === 0 ? 0 : 1;
  return values;
}

/** Numbers of `size` bytes with their bytes in the other order. */
function reversed(bytes: Uint8Array, size: number): Uint8Array {
  const result = new Uint8Array(bytes);
  if (size === 2) {
    const halves = new Uint16Array(result.buffer);
    for (let at = 0; at < halves.length; at++) halves[at] = (halves[at]! << 8) | (halves[at]! >> 8);
    return result;
  }
  const words = new Uint32Array(result.buffer);
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    words[at] = (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
  }
  if (size === 4) return result;
  for (let at = 0; at < words.length; at += 2) {
    const low = words[at]!;
    words[at] = words[at + 1]!;
    words[at + 1] = low;
  }
  return result;
}

/** The value of every float16 (IEEE 754: a sign, 5 bits of exponent, 10 of fraction), once it is needed. */
let valueOfHalf: Float32Array | undefined;

const tableOfHalves = (): Float32Array =>
  Float32Array.from({ length: 2 ** 16 }, (_, half) => {
    const [exponent, fraction] = [(half >> 10) & 31, (half & 1023) / 1024];
    const sign = half >> 15 ? -1 : 1;
    if (exponent === 0) return sign * 2 ** -14 * fraction;
    if (exponent < 31) return sign * 2 ** (exponent - 15) * (1 + fraction);
    return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  });

/** Numbers of float16. */
export function floatsOfHalves(halves: Uint16Array): Float32Array {
  valueOfHalf ??= tableOfHalves();
  const floats = new Float32Array(halves.length);
  for (let at = 0; at < floats.length; at++) floats[at] = valueOfHalf[halves[at]!]!;
  return floats;
}

/** Numbers of bfloat16, each the upper half of a float32. */
export function floatsOfUpperHalves(halves: Uint16Array): Float32Array {
  const words = new Uint32Array(halves.length);
  for (let at = 0; at < words.length; at++) words[at] = halves[at]! << 16;
  return new Float32Array(words.buffer);
}

/** 64-bit integers that all fit into int32, where the high word repeats the sign of the low one; else undefined. */
function numbersOfLowWords(words: Uint32Array, signed: boolean): Int32Array | undefined {
  const halves = new Int32Array(words.buffer, words.byteOffset, words.length);
  const values = new Int32Array(words.length / 2);
  for (let at = 0; at < values.length; at++) {
    const value = halves[2 * at]!;
    if (halves[2 * at + 1] !== value >> 31 || (value < 0 && !signed)) return undefined;
    values[at] = value;
  }
  return values;
}

/** 64-bit integers, each as its low and its high word. */
function numbersOfWords(words: Uint32Array, signed: boolean, name: string, first: number) {
  const small = numbersOfLowWords(words, signed);
  if (small) return small;
  const values = new Float64Array(words.length / 2);
  for (let at = 0; at < values.length; at++) {
    const high = signed ? words[2 * at + 1]! | 0 : words[2 * at + 1]!;
    const value = high * 2 ** 32 + words[2 * at]!;
    if (!Number.isSafeInteger(value)) {
      throw new LangevinError(
        "unsupported",
        `${name} holds a 64-bit integer of about ${value} at place ${first + at}, which float64 cannot hold exactly.`,
        "Convert it with numpy.ndarray.astype.",
      );
    }
    values[at] = value;
  }
  return values;
}
