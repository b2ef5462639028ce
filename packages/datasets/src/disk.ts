// Files and folders as the system gives them.
import { createHash } from "node:crypto";
import { open, readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { LangevinError, type WorkOptions } from "@neural-langevin/core";
import { badFile } from "./data-set.js";
import { systemFailure } from "./system-failure.js";
import { startWork } from "./work.js";

/** Bytes after which reading reports how far it is, and can be stopped. */
const PIECE = 2 ** 25;

/** Bytes that one call to the system reads at most: Node reads no 2 GiB at once. */
const CALL = 2 ** 30;

/** The failure of something that is not there. */
export const notFound = (what: string, remedy = "Check the path."): LangevinError =>
  new LangevinError("not-found", `There is no ${what}.`, remedy);

/** An open file of Node: what is used of it, because declarations may not ask for the types of Node. */
export interface FileHandle {
  read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesRead: number }>;
  createReadStream(options: { autoClose: boolean }): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** Does something with an open file, and closes it. */
export async function withFile<T>(
  file: string,
  work: (handle: FileHandle, size: number) => Promise<T>,
): Promise<T> {
  let handle: FileHandle | undefined;
  try {
    // A pipe or a device has no size, and opening it may wait for ever.
    const entry = await stat(file);
    if (entry.isDirectory()) throw badFile(file, "is a folder", "Name a file.");
    if (!entry.isFile())
      throw badFile(file, "is not a regular file", "Save what it gives to a file.");
    handle = await open(file);
    return await work(handle, entry.size);
  } catch (error) {
    throw systemFailure(error, "read", file);
  } finally {
    await handle?.close();
  }
}

/** The first bytes of a file, at most `length`. */
export const readFirstBytes = (file: string, length: number): Promise<Uint8Array> =>
  withFile(file, async (handle, size) => readBytes(handle, Math.min(length, size)));

/** A whole file. */
export const readWholeFile = (file: string, options?: WorkOptions): Promise<Uint8Array> =>
  withFile(file, (handle, size) => readBytes(handle, size, options));

/**
 * Fills memory with the bytes of an open file from byte `position` on, of files and memory of any size.
 *
 * @returns how many bytes there were; less than `bytes` holds at the end of the file
 * @throws what the system refuses, as Node throws it
 */
export async function fillFrom(
  handle: Pick<FileHandle, "read">,
  bytes: Uint8Array,
  position: number,
): Promise<number> {
  let filled = 0;
  while (filled < bytes.length) {
    const length = Math.min(CALL, bytes.length - filled);
    const { bytesRead } = await handle.read(bytes, filled, length, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

async function readBytes(
  handle: FileHandle,
  size: number,
  options?: WorkOptions,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  const work = startWork(options, "reading", size, "bytes");
  let filled = 0;
  while (filled < size) {
    const length = Math.min(PIECE, size - filled);
    const piece = await fillFrom(handle, bytes.subarray(filled, filled + length), filled);
    if (piece === 0) break;
    filled += piece;
    await work.advance(filled);
  }
  return bytes.subarray(0, filled);
}

/** What lies in a folder, in the natural order of names. */
export interface Listing {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/** Lists a folder without what systems hide in it: names with a dot before them, and macOS's companion folder. */
export async function listFolder(folder: string): Promise<Listing> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    if (["ENOENT", "ENOTDIR"].includes(error.code)) throw notFound(`folder ${folder}`);
    throw systemFailure(error, "read", folder);
  });
  const collator = new Intl.Collator("en", { numeric: true });
  // Names that differ in leading zeros alone are equal to the collator, and lie in any order on disk.
  const natural = (a: string, b: string) => collator.compare(a, b) || (a < b ? -1 : 1);
  const files: string[] = [];
  const folders: string[] = [];
  for (const entry of entries.sort((a, b) => natural(a.name, b.name))) {
    if (entry.name.startsWith(".") || entry.name === "__MACOSX") continue;
    const linked = entry.isSymbolicLink();
    const kind = linked ? await stat(join(folder, entry.name)).catch(() => undefined) : entry;
    if (kind?.isDirectory()) folders.push(entry.name);
    // A link that leads nowhere counts as a file, so that reading it says so.
    else if (!kind || kind.isFile()) files.push(entry.name);
  }
  return { files, folders };
}

/** What lies in a folder, in words, as in "2 .jpg files and the folders a, b". */
export function describeListing({ files, folders }: Listing): string {
  const counts = new Map<string, number>();
  for (const name of files) {
    const ending = extname(name).toLowerCase();
    counts.set(ending, (counts.get(ending) ?? 0) + 1);
  }
  const kinds = [...counts].map(([ending, count]) => {
    return `${count} ${ending || "other"} ${count === 1 ? "file" : "files"}`;
  });
  if (folders.length > 0) {
    const more = folders.length > 5 ? ", …" : "";
    kinds.push(
      `the ${folders.length === 1 ? "folder" : "folders"} ${folders.slice(0, 5).join(", ")}${more}`,
    );
  }
  const last = kinds.pop();
  return kinds.length > 0 ? `${kinds.join(", ")} and ${last}` : (last ?? "nothing");
}

/** SHA-256 of the bytes of an array, in hexadecimal. */
export const sha256 = (...arrays: readonly (Uint8Array | Float32Array)[]): string => {
  const hash = createHash("sha256");
  for (const { buffer, byteOffset, byteLength } of arrays) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest("hex");
};
