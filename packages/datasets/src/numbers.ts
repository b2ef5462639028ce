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

/**
 * Numbers of a type by NumPy's name, as "u1" or "f8". What JavaScript has no array for becomes the next that holds it:
 * b1 bytes of 0 and 1, f2 float32, i8 and u8 int32 where every value fits, else float64.
 *
 * @param name the file's name, for errors
 * @throws unsupported when a 64-bit integer is beyond ±2⁵³, where float64 is not exact
 */
export function readNumbers(
  bytes: Uint8Array,
  type: string,
  bigEndian: boolean,
  name: string,
): Numbers {
  const size = Number(type.slice(1));
  const aligned = bytes.byteOffset % size === 0;
  const content =
    bigEndian && size > 1 ? reversed(bytes, size) : aligned ? bytes : new Uint8Array(bytes);
  const as = <T>(
    kind: new (buffer: ArrayBufferLike, start: number, length: number) => T,
    n = size,
  ) => new kind(content.buffer, content.byteOffset, content.length / n);
  switch (type) {
    case "b1":
      return as(Uint8Array).map((byte) => Number(byte !== 0));
    case "f2":
      return floatsOfHalves(as(Uint16Array));
    case "i8":
      return numbersOfWords(as(Uint32Array, 4), true, name);
    case "u8":
      return numbersOfWords(as(Uint32Array, 4), false, name);
    default:
      return as<Numbers>(kinds[type as keyof typeof kinds]);
  }
}

/** Numbers of `size` bytes with their bytes in the other order. */
function reversed(bytes: Uint8Array, size: number): Uint8Array {
  const result = new Uint8Array(bytes.length);
  for (let start = 0; start < bytes.length; start += size) {
    for (let at = 0; at < size; at++) result[start + at] = bytes[start + size - 1 - at]!;
  }
  return result;
}

/** Float16 (IEEE 754): a sign, 5 bits of exponent, 10 of fraction. */
export function floatsOfHalves(halves: Uint16Array): Float32Array {
  const table = Float32Array.from({ length: 2 ** 16 }, (_, half) => {
    const [exponent, fraction] = [(half >> 10) & 31, (half & 1023) / 1024];
    const sign = half >> 15 ? -1 : 1;
    if (exponent === 0) return sign * 2 ** -14 * fraction;
    if (exponent < 31) return sign * 2 ** (exponent - 15) * (1 + fraction);
    return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  });
  const floats = new Float32Array(halves.length);
  for (let at = 0; at < floats.length; at++) floats[at] = table[halves[at]!]!;
  return floats;
}

/** 64-bit integers, each as its low and its high word. */
function numbersOfWords(words: Uint32Array, signed: boolean, name: string) {
  const values = new Float64Array(words.length / 2);
  let fits = true;
  for (let at = 0; at < values.length; at++) {
    const high = signed ? words[2 * at + 1]! | 0 : words[2 * at + 1]!;
    const value = high * 2 ** 32 + words[2 * at]!;
    if (!Number.isSafeInteger(value)) {
      throw new LangevinError(
        "unsupported",
        `${name} holds a 64-bit integer of about ${value} at place ${at}, which float64 cannot hold exactly.`,
        "Convert it with numpy.ndarray.astype.",
      );
    }
    if (value !== (value | 0)) fits = false;
    values[at] = value;
  }
  return fits ? new Int32Array(values) : values;
}
