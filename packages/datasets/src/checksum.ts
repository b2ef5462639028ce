// Checksums that ZIP archives and PNG images carry, so that a flipped bit is found.

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb8_8320 : rest >>> 1;
  return rest;
});

/** Node's own, a hundred times as fast as a table, where this runs in Node. */
const native = globalThis.process?.getBuiltinModule?.("node:zlib")?.crc32;

/**
 * CRC-32 (ISO 3309) of some bytes, as in ZIP entries and PNG chunks.
 *
 * @param before that of the bytes before these
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  if (native) return native(bytes, before);
  let sum = ~before;
  for (let at = 0; at < bytes.length; at++) sum = table[(sum ^ bytes[at]!) & 0xff]! ^ (sum >>> 8);
  return ~sum >>> 0;
}

/** So many bytes can be added before the sums of Adler-32 leave 32 bits. */
const ADLER_PIECE = 5552;

/** Adler-32 (RFC 1950) of some bytes, as at the end of a zlib stream. */
export function adler32(bytes: Uint8Array): number {
  let [low, high] = [1, 0];
  for (let start = 0; start < bytes.length; start += ADLER_PIECE) {
    const end = Math.min(start + ADLER_PIECE, bytes.length);
    for (let at = start; at < end; at++) {
      low += bytes[at]!;
      high += low;
    }
    low %= 65521;
    high %= 65521;
  }
  return ((high << 16) | low) >>> 0;
}
