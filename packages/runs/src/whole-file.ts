// Files that are written whole or not at all: a temporary name in the same folder, flushed to the disk,
// then renamed, so that nobody ever reads one half written.
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { LangevinError } from "@neural-langevin/core";

/** Writes a file whole; its folder is made when it is missing. */
export async function writeWhole(file: string, content: Uint8Array | string): Promise<void> {
  const folder = dirname(file);
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.${basename(file)}.${process.pid}.${Date.now()}.tmp`);
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
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** Makes a rename durable, where the system lets a folder be flushed. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Reads a file.
 *
 * @throws not-found
 */
export async function readWhole(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new LangevinError("not-found", `There is no file ${file}.`, "Check the path.");
    }
    if (code === "EISDIR") {
      throw new LangevinError("bad-file", `${file} is a folder, where a file is expected.`);
    }
    throw error;
  }
}
