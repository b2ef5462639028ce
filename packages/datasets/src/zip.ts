// ZIP archives as NumPy writes them: stored or deflated entries, read through the central directory. No size is
// believed that the archive cannot hold; an entry is unpacked when it is asked for, and held against its checksum.
import { crc32 } from "./checksum.js";
import { badFile } from "./data-set.js";
import { inflateExactly } from "./inflate.js";

const END = 0x0605_4b50;
const ENTRY = 0x0201_4b50;
const LOCAL = 0x0403_4b50;
const END_LENGTH = 22;
const ENTRY_LENGTH = 46;
const LOCAL_LENGTH = 30;
const LONGEST_COMMENT = 0xffff;
const ENCRYPTED = 1;

/** Unpacks one entry. */
export type ReadEntry = () => Uint8Array;

/**
 * The entries of an archive by name; folders are left out.
 *
 * @param name the archive's name, for errors
 * @throws bad-file; so does reading an entry
 */
export function openZip(bytes: Uint8Array, name: string): Map<string, ReadEntry> {
  const bad = (problem: string) => badFile(name, `is a damaged ZIP archive: ${problem}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const signature = (at: number, wanted: number, length: number) =>
    at + length <= bytes.length && view.getUint32(at, true) === wanted;
  let end = bytes.length - END_LENGTH;
  const first = Math.max(0, end - LONGEST_COMMENT);
  while (end >= first && !signature(end, END, END_LENGTH)) end--;
  if (end < first) throw bad("its directory is missing, as when a download stops early");
  const entries = new Map<string, ReadEntry>();
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (!signature(at, ENTRY, ENTRY_LENGTH)) throw bad(`there is no directory entry at ${at}`);
    const start = at;
    const nameLength = view.getUint16(start + 28, true);
    const nameStart = start + ENTRY_LENGTH;
    const entry = new TextDecoder().decode(bytes.subarray(nameStart, nameStart + nameLength));
    if (entries.has(entry)) throw bad(`it has two entries with the name ${entry}`);
    if (!entry.endsWith("/")) {
      entries.set(entry, () => {
        const local = view.getUint32(start + 42, true);
        if (!signature(local, LOCAL, LOCAL_LENGTH)) throw bad(`${entry} is not at ${local}`);
        const names = view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
        const content = bytes.subarray(local + LOCAL_LENGTH + names);
        return unpack(content, new DataView(view.buffer, view.byteOffset + start), (what) =>
          bad(`${entry} ${what}`),
        );
      });
    }
    const extra = view.getUint16(start + 30, true) + view.getUint16(start + 32, true);
    at = nameStart + nameLength + extra;
  }
  return entries;
}

/** The content of an entry, whose packed bytes begin `rest`, as its directory entry describes it. */
function unpack(rest: Uint8Array, entry: DataView, bad: (problem: string) => Error): Uint8Array {
  const method = entry.getUint16(10, true);
  const [packed, size] = [entry.getUint32(20, true), entry.getUint32(24, true)];
  if (entry.getUint16(8, true) & ENCRYPTED) throw bad("is encrypted");
  if (method !== 0 && method !== 8) throw bad(`is packed by method ${method}, not deflate`);
  if (packed > rest.length) throw bad(`claims ${packed} bytes, more than the file has`);
  const content = rest.subarray(0, packed);
  if (method === 0 && size !== packed) throw bad(`does not have the ${size} bytes that it claims`);
  const result = method === 0 ? content : inflateExactly(content, size, bad);
  if (crc32(result) !== entry.getUint32(16, true)) throw bad("does not fit its checksum");
  return result;
}
