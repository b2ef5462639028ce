// Moving grey pictures as animated PNG (https://www.w3.org/TR/png-3/): a PNG whose later frames lie in chunks of their
// own, so that readers without animation show the first frame.
import { LangevinError } from "@neural-langevin/core";
import { concatenate } from "@neural-langevin/core/backend";
import { encode } from "fast-png";
import { gridPixels, type ImageGrid, type Picture } from "./image-grid.js";

const SIGNATURE_LENGTH = 8;

/**
 * Draws every frame as an image grid, and all of them as one animated PNG that repeats for ever.
 *
 * @param frames grids of one size
 * @param seconds for which each frame is shown
 * @throws invalid-value when there is no frame, wrong-length when frames differ in size
 */
export function animation(frames: readonly ImageGrid[], seconds: number): Picture {
  const drawn = frames.map(gridPixels);
  const first = drawn[0];
  if (!first) throw new LangevinError("invalid-value", "An animation needs at least one frame.");
  const { width, height } = first;
  const parts: Uint8Array[] = [];
  let sequence = 0;
  drawn.forEach((frame, index) => {
    if (frame.width !== width || frame.height !== height) {
      throw new LangevinError(
        "wrong-length",
        `All frames must have ${width} × ${height} pixels, not ${frame.width} × ${frame.height}.`,
      );
    }
    const png = encode({ ...frame, channels: 1, depth: 8 });
    const chunks = chunksOf(png);
    if (index === 0) {
      parts.push(png.subarray(0, SIGNATURE_LENGTH), chunk("IHDR", chunks.get("IHDR")![0]!));
      parts.push(chunk("acTL", words(frames.length, 0)));
    }
    const milliseconds = Math.round(1000 * seconds);
    const control = words(sequence++, width, height, 0, 0);
    // Delay as a fraction of two 16-bit numbers, then: dispose nothing, replace all.
    const timing = words((milliseconds << 16) | 1000);
    parts.push(chunk("fcTL", join([control, timing, Uint8Array.of(0, 0)])));
    const data = join(chunks.get("IDAT")!);
    parts.push(index === 0 ? chunk("IDAT", data) : chunk("fdAT", join([words(sequence++), data])));
  });
  parts.push(chunk("IEND", new Uint8Array(0)));
  return { width, height, png: join(parts) };
}

/** The contents of a PNG's chunks by their type. */
function chunksOf(png: Uint8Array): Map<string, Uint8Array[]> {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const chunks = new Map<string, Uint8Array[]>();
  for (let at = SIGNATURE_LENGTH; at < png.length; ) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...png.subarray(at + 4, at + 8));
    const content = png.subarray(at + 8, at + 8 + length);
    chunks.set(type, [...(chunks.get(type) ?? []), content]);
    at += length + 12;
  }
  return chunks;
}

/** A chunk: length, type, content, CRC-32 of both. */
function chunk(type: string, content: Uint8Array): Uint8Array {
  const body = join([Uint8Array.from(type, (letter) => letter.charCodeAt(0)), content]);
  return join([words(content.length), body, words(crc32(body))]);
}

/** Numbers of 32 bits, most significant byte first. */
function words(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, at) => {
    view.setUint32(4 * at, value);
  });
  return bytes;
}

const join = (parts: readonly Uint8Array[]): Uint8Array => concatenate(Uint8Array, parts);

/** CRC-32 with the polynomial of PNG, bit by bit. */
function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc >>> 0;
}
