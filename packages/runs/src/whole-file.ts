// Files that are written whole or not at all: a temporary name in the same folder, flushed to the disk, then renamed, so
// that nobody ever reads one half written. Links are followed, and devices and pipes are written through.
import { lstat, open, readFile, readlink, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { LangevinError } from "@neural-langevin/core";
import { fillFrom, systemFailure } from "@neural-langevin/datasets/node";
import { makeFolder } from "./make-folder.js";
import { sweepTemporaries, temporaryFile } from "./temporary-file.js";

/**
 * Writes a file whole; its folder is made when it is missing.
 *
 * @throws exists, for a folder; invalid-value, not-found and unavailable, for what the system refuses
 */
export async function writeWhole(file: string, content: Uint8Array | string): Promise<void> {
  if (file === "") {
    throw new LangevinError("invalid-value", "The name of the file to write is empty.");
  }
  try {
    const target = await targetOf(file);
    if (target === undefined) await writeThrough(file, content);
    else await replace(target, content);
  } catch (error) {
    throw systemFailure(error, "write", file);
  }
}

/** The file to replace, behind all links; undefined for what is not a file to replace, such as a device or a pipe. */
async function targetOf(file: string): Promise<string | undefined> {
  // The streams of a process look like files when they lead to some.
  if (/^\/(dev\/(fd\/|std(in|out|err)$)|proc\/)/.test(resolve(file))) return undefined;
  const entry = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (entry?.isDirectory()) {
    throw new LangevinError(
      "exists",
      `${file} is a folder, so it cannot be written as a file.`,
      "Choose another place.",
    );
  }
  if (entry) return entry.isFile() ? realpath(file) : undefined;
  const link = await lstat(file).catch(() => undefined);
  return link?.isSymbolicLink() ? targetOf(resolve(dirname(file), await readlink(file))) : file;
}

async function writeThrough(file: string, content: Uint8Array | string): Promise<void> {
  const handle = await open(file, "a");
  try {
    await handle.writeFile(content);
  } finally {
    await handle.close();
  }
}

async function replace(file: string, content: Uint8Array | string): Promise<void> {
  const folder = dirname(file);
  const made = await makeFolder(folder);
  await sweepTemporaries(folder);
  const temporary = temporaryFile(folder);
  try {
    const handle = await open(temporary, "wx");
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  await syncFolder(folder);
  if (made !== undefined) await syncFolder(dirname(made));
}

/** What file systems answer that cannot flush a folder, such as those of a network or another system. */
const unflushable = ["EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EPERM", "EACCES", "EISDIR"];

/** Makes a rename durable, where the system lets a folder be flushed. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  try {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!unflushable.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

/** Bytes of the largest file that Node is asked for at once: it reads none of 2 GiB. */
const LARGE = 2 ** 30;

async function readLarge(file: string, size: number): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const bytes = new Uint8Array(size);
    return bytes.subarray(0, await fillFrom(handle, bytes, 0));
  } finally {
    await handle.close();
  }
}

/**
 * Reads a file, or a pipe to its end.
 *
 * @throws not-found; bad-file, for a folder or a device; unavailable
 */
export async function readWhole(file: string): Promise<Uint8Array> {
  try {
    const entry = await stat(file);
    if (entry.isCharacterDevice() || entry.isBlockDevice()) {
      const remedy = "Write what it gives to a file, and name that.";
      throw new LangevinError("bad-file", `${file} is a device, not a file.`, remedy);
    }
    return entry.isFile() && entry.size > LARGE
      ? await readLarge(file, entry.size)
      : await readFile(file);
  } catch (error) {
    throw systemFailure(error, "read", file);
  }
}
