// ZIP archives as NumPy writes them: stored or deflated entries, read through the central directory. No size is
// believed that the archive cannot hold; an entry is unpacked when it is asked for, and held against its checksum.
import { crc32 } from "./checksum.js";
import { badFile } from "./data-set.js";
import { inflateExactly, LARGEST_RATIO } from "./inflate.js";

const END = 0x0605_4b50;
const LONG_END = 0x0606_4b50;
const LONG_END_PLACE = 0x0706_4b50;
const ENTRY = 0x0201_4b50;
const LOCAL = 0x0403_4b50;
const END_LENGTH = 22;
const LONG_END_LENGTH = 56;
const LONG_END_PLACE_LENGTH = 20;
const ENTRY_LENGTH = 46;
const LONGEST_COMMENT = 0xffff;
const ENCRYPTED = 1;
const STORED = 0;
const DEFLATED = 8;
/** What stands for a number of four bytes that takes eight (ZIP64). */
const LONG = 0xffff_ffff;
/** The extra field that holds such numbers. */
const LONG_NUMBERS = 1;

/** Bytes at the end of an archive that say where its directory lies. */
export const LONGEST_END = LONG_END_LENGTH + LONG_END_PLACE_LENGTH + END_LENGTH + LONGEST_COMMENT;
/** Bytes before an entry's names and content. */
export const LOCAL_LENGTH = 30;

/** An entry as the directory of its archive describes it. */
export interface ZipEntry {
  readonly name: string;
  readonly flags: number;
  /** 0 is stored, 8 deflated. */
  readonly method: number;
  /** Bytes in the archive. */
  readonly packed: number;
  /** Bytes of the content. */
  readonly size: number;
  /** CRC-32 of the content. */
  readonly checksum: number;
  /** Where its local header begins in the archive. */
  readonly start: number;
}

/** Unpacks one entry. */
export type ReadEntry = () => Uint8Array;

/** Makes the failure out of what is wrong, as in "holds more than 10 bytes". */
type Bad = (problem: string) => Error;

/** The failure of a damaged archive. */
export const badArchive = (name: string, problem: string): Error =>
  badFile(name, `is a damaged ZIP archive: ${problem}`);

const viewOf = (bytes: Uint8Array) =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const isSigned = (view: DataView, at: number, signature: number, length: number) =>
  at >= 0 && at + length <= view.byteLength && view.getUint32(at, true) === signature;

/**
 * Where the directory of an archive begins and how many entries it has.
 *
 * @param end the last bytes of the archive: LONGEST_END of them, or all
 * @param name the archive's name, for errors
 * @throws bad-file
 */
export function findDirectory(end: Uint8Array, name: string): { start: number; count: number } {
  const view = viewOf(end);
  let at = end.length - END_LENGTH;
  const first = Math.max(0, at - LONGEST_COMMENT);
  while (at >= first && !isSigned(view, at, END, END_LENGTH)) at--;
  if (at < first) {
    throw badArchive(name, "its directory is missing, as when a download stops early");
  }
  const long = at - LONG_END_PLACE_LENGTH - LONG_END_LENGTH;
  const isLong =
    isSigned(view, at - LONG_END_PLACE_LENGTH, LONG_END_PLACE, LONG_END_PLACE_LENGTH) &&
    isSigned(view, long, LONG_END, LONG_END_LENGTH);
  return isLong
    ? {
        start: Number(view.getBigUint64(long + 48, true)),
        count: Number(view.getBigUint64(long + 32, true)),
      }
    : { start: view.getUint32(at + 16, true), count: view.getUint16(at + 10, true) };
}

/**
 * The entries of an archive in the order of its directory; folders are left out.
 *
 * @param bytes the archive from some place on, at most its directory's start
 * @param base that place
 * @throws bad-file
 */
export function parseDirectory(
  bytes: Uint8Array,
  base: number,
  { start, count }: { readonly start: number; readonly count: number },
  name: string,
): ZipEntry[] {
  const view = viewOf(bytes);
  const entries = new Map<string, ZipEntry>();
  let at = start - base;
  for (let left = count; left > 0; left--) {
    if (!isSigned(view, at, ENTRY, ENTRY_LENGTH)) {
      throw badArchive(name, `there is no directory entry at ${base + at}`);
    }
    const nameEnd = at + ENTRY_LENGTH + view.getUint16(at + 28, true);
    const extraEnd = nameEnd + view.getUint16(at + 30, true);
    const entry = new TextDecoder().decode(bytes.subarray(at + ENTRY_LENGTH, nameEnd));
    if (entries.has(entry)) {
      throw badArchive(name, `it has two entries with the name ${entry}`);
    }
    const longNumbers = longNumbersOf(bytes.subarray(nameEnd, extraEnd));
    // They stand in this order, each where its four bytes have no room for it.
    const numberAt = (place: number) => {
      const number = view.getUint32(at + place, true);
      return number === LONG ? (longNumbers.shift() ?? number) : number;
    };
    const size = numberAt(24);
    const packed = numberAt(20);
    entries.set(entry, {
      name: entry,
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      checksum: view.getUint32(at + 16, true),
      packed,
      size,
      start: numberAt(42),
    });
    at = extraEnd + view.getUint16(at + 32, true);
  }
  return [...entries.values()].filter((entry) => !entry.name.endsWith("/"));
}

/** The numbers of eight bytes among the extra fields of an entry. */
function longNumbersOf(extra: Uint8Array): number[] {
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = Math.min(at + 4 + view.getUint16(at + 2, true), extra.length);
    if (view.getUint16(at, true) === LONG_NUMBERS) {
      const count = Math.floor((end - at - 4) / 8);
      return Array.from({ length: count }, (_, one) =>
        Number(view.getBigUint64(at + 4 + 8 * one, true)),
      );
    }
    at = end;
  }
  return [];
}

/**
 * Where the content of an entry begins, as its local header says.
 *
 * @param local the archive from `entry.start` on, LOCAL_LENGTH bytes of it
 * @param room bytes of the archive from there on
 * @throws bad-file, also for an entry that cannot be unpacked
 */
export function contentStart(
  local: Uint8Array,
  entry: ZipEntry,
  room: number,
  name: string,
): number {
  const { flags, method, packed, size, start } = entry;
  const bad = (problem: string) => badArchive(name, `${entry.name} ${problem}`);
  const view = viewOf(local);
  if (!isSigned(view, 0, LOCAL, LOCAL_LENGTH)) throw bad(`is not at ${start}`);
  const length = LOCAL_LENGTH + view.getUint16(26, true) + view.getUint16(28, true);
  if (flags & ENCRYPTED) throw bad("is encrypted");
  if (method !== STORED && method !== DEFLATED) {
    throw bad(`is packed by method ${method}, not deflate`);
  }
  if (packed > room - length) throw bad(`claims ${packed} bytes, more than the file has`);
  if (method === STORED && size !== packed) {
    throw bad(`does not have the ${size} bytes that it claims`);
  }
  if (method === DEFLATED && size > packed * LARGEST_RATIO) {
    throw bad(`claims ${size} bytes, which its ${packed} cannot hold`);
  }
  return start + length;
}

/**
 * The entries of an archive by name; folders are left out.
 *
 * @param name the archive's name, for errors
 * @throws bad-file; so does reading an entry
 */
export function openZip(bytes: Uint8Array, name: string): Map<string, ReadEntry> {
  const entries = parseDirectory(bytes, 0, findDirectory(bytes, name), name);
  return new Map(
    entries.map((entry) => [
      entry.name,
      () => {
        const rest = bytes.subarray(entry.start);
        const local = rest.subarray(0, LOCAL_LENGTH);
        const start = contentStart(local, entry, rest.length, name);
        const content = bytes.subarray(start, start + entry.packed);
        const bad: Bad = (problem) => badArchive(name, `${entry.name} ${problem}`);
        const isStored = entry.method === STORED;
        const result = isStored ? content : inflateExactly(content, entry.size, bad);
        if (crc32(result) !== entry.checksum) throw bad("does not fit its checksum");
        return result;
      },
    ]),
  );
}
