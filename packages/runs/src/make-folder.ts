// Folders with all those above them. Node's recursive mkdir never returns where a file system calls every new folder missing,
// as /proc does.
import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { LangevinError } from "@neural-langevin/core";

/**
 * Makes a folder, and those above it that are missing.
 *
 * @returns the first that was made; undefined where the folder was there
 * @throws unavailable, where the file system takes none; else the system's error, such as EEXIST where a file has the name
 */
export async function makeFolder(path: string): Promise<string | undefined> {
  const missing: string[] = [];
  let folder = resolve(path);
  for (; (await isFolder(folder)) === undefined; folder = dirname(folder)) missing.unshift(folder);
  if (missing.length === 0 && !(await isFolder(folder))) await mkdir(folder);
  for (const one of missing) {
    await mkdir(one).catch(async (error: NodeJS.ErrnoException) => {
      // Another process may have made it meanwhile.
      if (error.code === "EEXIST" && (await isFolder(one))) return;
      if (error.code !== "ENOENT") throw error;
      throw new LangevinError(
        "unavailable",
        `The folder ${one} cannot be made: its file system does not allow new folders.`,
        "Choose another place.",
        { cause: error },
      );
    });
  }
  return missing[0];
}

/** Whether there is a folder, or something else; undefined where there is nothing. */
async function isFolder(path: string): Promise<boolean | undefined> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
