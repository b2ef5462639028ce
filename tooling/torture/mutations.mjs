// Damage that a file may take: bytes, numbers and pieces of it changed, as fast-check draws and shrinks them.
import fc from "fast-check";

/** Numbers at which sizes, offsets and counts go wrong. */
const edges = [
  0, 1, 2, 3, 7, 8, 9, 15, 16, 63, 64, 127, 128, 255, 256, 1023, 4096, 32767, 32768, 65535, 65536,
  16777216, 2147483647, 2147483648, 4294967295,
];
const numbers = [
  ...edges.map(String),
  "-1",
  "-0",
  "1e3",
  "1e400",
  "0.5",
  "4294967296",
  "9007199254740993",
  "18446744073709551616",
  "NaN",
  "Infinity",
  "null",
  "true",
  "[]",
  "{}",
  '""',
  "0x10",
  "1_000",
];
const words = [
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "'",
  '"',
  "\\",
  "\n",
  "\0",
  "__proto__",
  "constructor",
  "&a",
  "*a",
  "\ud800",
  "🜁",
  "- ",
];

/** A place in a file: anywhere, but half of all near its beginning, where headers are, or its end. */
const place = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  fc.integer({ min: 0, max: 96 }),
  fc.integer({ min: -96, max: -1 }),
);

const damage = fc.oneof(
  fc.record({ kind: fc.constant("byte"), place, value: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ kind: fc.constant("bit"), place, value: fc.integer({ min: 0, max: 7 }) }),
  fc.record({
    kind: fc.constant("word"),
    place,
    width: fc.constantFrom(1, 2, 4, 8),
    little: fc.boolean(),
    value: fc.constantFrom(...edges),
  }),
  fc.record({ kind: fc.constant("number"), place, value: fc.constantFrom(...numbers) }),
  fc.record({ kind: fc.constant("text"), place, value: fc.constantFrom(...words) }),
  fc.record({ kind: fc.constant("cut"), place, length: fc.integer({ min: 1, max: 64 }) }),
  fc.record({ kind: fc.constant("end"), place }),
  fc.record({
    kind: fc.constant("repeat"),
    place,
    length: fc.integer({ min: 1, max: 64 }),
    times: fc.constantFrom(1, 2, 50),
  }),
  fc.record({
    kind: fc.constant("swap"),
    place,
    other: place,
    length: fc.integer({ min: 1, max: 32 }),
  }),
);

/** Which sample is damaged, how, and whether its checksums are made good again. */
export const cases = fc.record({
  sample: fc.nat(),
  damages: fc.array(damage, { minLength: 1, maxLength: 5 }),
  mended: fc.boolean(),
});

const placeIn = (at, { length }) =>
  length === 0
    ? 0
    : Number.isInteger(at) && at !== 0
      ? ((at % length) + length) % length
      : Math.floor(at * length);

const splice = (bytes, at, removed, inserted) => {
  const result = new Uint8Array(bytes.length - removed + inserted.length);
  result.set(bytes.subarray(0, at));
  result.set(inserted, at);
  result.set(bytes.subarray(at + removed), at + inserted.length);
  return result;
};

const isDigit = (byte) => byte >= 48 && byte <= 57;

/** Damages a copy of a file. */
export function damaged(bytes, damages) {
  return damages.reduce((result, { kind, place, value, ...more }) => {
    const at = placeIn(place, result);
    const room = result.length - at;
    switch (kind) {
      case "byte":
        if (room > 0) result[at] = value;
        return result;
      case "bit":
        if (room > 0) result[at] ^= 1 << value;
        return result;
      case "word": {
        if (room < more.width) return result;
        const view = new DataView(result.buffer, result.byteOffset + at);
        if (more.width === 8) view.setBigUint64(0, BigInt(value) << 8n, more.little);
        else if (more.width === 4) view.setUint32(0, value, more.little);
        else if (more.width === 2) view.setUint16(0, value, more.little);
        else view.setUint8(0, value);
        return result;
      }
      case "number": {
        // The next number in digits, if there is one.
        let start = at;
        while (start < result.length && !isDigit(result[start])) start++;
        let end = start;
        while (end < result.length && isDigit(result[end])) end++;
        if (end === start) return result;
        return splice(result, start, end - start, new TextEncoder().encode(value));
      }
      case "text":
        return splice(result, at, 0, new TextEncoder().encode(value));
      case "cut":
        return splice(result, at, Math.min(more.length, room), []);
      case "end":
        return result.slice(0, at);
      case "repeat": {
        const piece = [...result.subarray(at, at + more.length)];
        return splice(result, at, 0, Array.from({ length: more.times }, () => piece).flat());
      }
      case "swap": {
        const from = placeIn(more.other, result);
        result.copyWithin(at, from, Math.min(from + more.length, result.length));
        return result;
      }
    }
    throw new Error(`There is no damage ${kind}.`);
    // The slice of a Buffer would be no copy.
  }, new Uint8Array(bytes));
}
