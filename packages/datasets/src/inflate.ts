// Deflated bytes whose size is known beforehand. The stream is inflated in pieces and held against that size, so that
// a small file that would become gigabytes costs neither time nor memory.
import { Inflate } from "fflate";

/** Deflate makes at most this many bytes out of one. */
export const LARGEST_RATIO = 1032;
/** Packed bytes that are inflated at once: at most 17 MB come of them. */
const PIECE = 2 ** 14;

/**
 * Inflates a deflate stream (RFC 1951) that must give exactly `size` bytes.
 *
 * @param bad makes the failure out of what is wrong, as in "holds more than 10 bytes"
 */
export function inflateExactly(
  packed: Uint8Array,
  size: number,
  bad: (problem: string) => Error,
): Uint8Array {
  if (size > packed.length * LARGEST_RATIO) {
    throw bad(`claims ${size} bytes, which its ${packed.length} cannot hold`);
  }
  const result = new Uint8Array(size);
  let filled = 0;
  const stream = new Inflate((piece) => {
    if (filled + piece.length <= size) result.set(piece, filled);
    filled += piece.length;
  });
  for (let at = 0; at < packed.length && filled <= size; at += PIECE) {
    try {
      stream.push(packed.subarray(at, at + PIECE), at + PIECE >= packed.length);
    } catch (error) {
      throw bad(`cannot be unpacked (${(error as Error).message})`);
    }
  }
  if (filled > size) throw bad(`holds more than the ${size} bytes that it claims`);
  if (filled < size) throw bad(`holds ${filled} bytes, not the ${size} that it claims`);
  return result;
}
