// ZIP archives as NumPy writes them: stored or deflated entries, read through the central directory. No size is
// believed that the archive cannot hold, and every entry is held against its checksum.
import { inflateSync } from "fflate";
import { badFile } from "./image-set.js";

const END = 0x0605_4b50;
const ENTRY = 0x0201_4b50;
const LOCAL = 0x0403_4b50;
const END_LENGTH = 22;
const ENTRY_LENGTH = 46;
const LOCAL_LENGTH = 30;
const LONGEST_COMMENT = 0xffff;
/** Deflate makes at most this many bytes out of one. */
const LARGEST_RATIO = 1032;

/**
 * The entries of an archive by name.
 *
 * @param name the archive's name, for errors
 * @throws bad-file
 */
export function unzip(bytes: Uint8Array, name: string): Map<string, Uint8Array> {
  const bad = (problem: string) => badFile(name, `is a damaged ZIP archive: ${problem}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const signature = (at: number, wanted: number, length: number) =>
    at + length <= bytes.length && view.getUint32(at, true) === wanted;
  let end = bytes.length - END_LENGTH;
  const first = Math.max(0, end - LONGEST_COMMENT);
  while (end >= first && !signature(end, END, END_LENGTH)) end--;
  if (end < first) throw bad("its directory is missing, as when a download stops early");
  const entries = new Map<string, Uint8Array>();
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (!signature(at, ENTRY, ENTRY_LENGTH)) throw bad(`there is no directory entry at ${at}`);
    const method = view.getUint16(at + 10, true);
    const checksum = view.getUint32(at + 16, true);
    const [packed, size] = [view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
    const nameLength = view.getUint16(at + 28, true);
    const local = view.getUint32(at + 42, true);
    const encoded = bytes.subarray(at + ENTRY_LENGTH, at + ENTRY_LENGTH + nameLength);
    const entry = new TextDecoder().decode(encoded);
    if (!signature(local, LOCAL, LOCAL_LENGTH)) throw bad(`${entry} is not at ${local}`);
    const names = view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const start = local + LOCAL_LENGTH + names;
    if (start + packed > bytes.length) {
      throw bad(`${entry} claims ${packed} bytes, more than the file has`);
    }
    const content = bytes.subarray(start, start + packed);
    entries.set(
      entry,
      unpack(content, method, size, checksum, (what) => bad(`${entry} ${what}`)),
    );
    at += ENTRY_LENGTH + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

function unpack(
  packed: Uint8Array,
  method: number,
  size: number,
  checksum: number,
  bad: (problem: string) => Error,
): Uint8Array {
  if (method !== 0 && method !== 8) throw bad(`is packed by method ${method}, not deflate`);
  if (size > packed.length * LARGEST_RATIO) {
    throw bad(`claims ${size} bytes, which its ${packed.length} cannot hold`);
  }
  let content = packed;
  if (method === 8) {
    try {
      // One byte more than claimed, so that a longer content shows.
      content = inflateSync(packed, { out: new Uint8Array(size + 1) });
    } catch (error) {
      throw bad(`cannot be unpacked (${(error as Error).message})`);
    }
  }
  if (content.length !== size) throw bad(`has not the ${size} bytes that it claims`);
  if (crc32(content) !== checksum) throw bad("does not fit its checksum");
  return content;
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb8_8320 : rest >>> 1;
  return rest;
});

/** The checksum CRC-32 that ZIP and PNG share. */
function crc32(bytes: Uint8Array): number {
  let sum = 0xffff_ffff;
  for (const byte of bytes) sum = table[(sum ^ byte) & 0xff]! ^ (sum >>> 8);
  return ~sum >>> 0;
}
