// Where a command writes: nothing that is there is replaced unasked, and a place that cannot be written is refused
// before any work is done.
import { constants, type Stats } from "node:fs";
import { access, open, rm, stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { LangevinError } from "@neural-langevin/core";
import { systemFailure } from "@neural-langevin/datasets/node";
import { temporaryFile } from "./temporary-file.js";

const isTaken = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * Refuses files that cannot be written, and those that are there already unless they may be overwritten. A device or a
 * pipe is always written through.
 *
 * @throws exists; invalid-value, for a name that is too long; unavailable; not-found
 */
export async function requireWritable(files: readonly string[], overwrite: boolean): Promise<void> {
  const probed = new Set<string>();
  for (const file of files) {
    try {
      const entry = await requireReplaceable(file, overwrite);
      const folder = dirname(resolve(file));
      if ((entry && !entry.isFile()) || probed.has(folder)) continue;
      probed.add(folder);
      await requireWritableFolder(folder);
    } catch (error) {
      throw systemFailure(error, "write", file);
    }
  }
}

/** The longest name that the file systems in use take, in bytes. */
const LONGEST_NAME = 255;

/** What is at a path; refuses what may not be replaced. */
async function requireReplaceable(file: string, overwrite: boolean): Promise<Stats | undefined> {
  if (Buffer.byteLength(basename(file)) > LONGEST_NAME) {
    throw new LangevinError(
      "invalid-value",
      `${file} cannot be written: the name is too long.`,
      "Shorten the name.",
    );
  }
  const entry = await entryOf(file);
  if (entry?.isDirectory()) {
    throw new LangevinError(
      "exists",
      `${file} is a folder, so it cannot be written as a file.`,
      "Choose another place with --out.",
    );
  }
  if (entry?.isFile() && !overwrite) {
    throw new LangevinError(
      "exists",
      `There is a file ${file} already.`,
      "Choose another place with --out, or use --overwrite.",
    );
  }
  return entry;
}

/**
 * Refuses a folder that cannot be made, or in which no file can be made.
 *
 * @throws exists, unavailable
 */
async function requireWritableFolder(folder: string): Promise<void> {
  const entry = await entryOf(folder);
  if (!entry) return requireWritableFolder(dirname(folder));
  if (entry.isDirectory()) return probe(folder);
  throw new LangevinError(
    "exists",
    `${folder} is not a folder, so no file can be written in it.`,
    "Choose another place with --out.",
  );
}

/** Makes a file in a folder and removes it, because permissions alone do not tell: /proc lets root write and takes no file. */
async function probe(folder: string): Promise<void> {
  await access(folder, constants.W_OK);
  const file = temporaryFile(folder);
  try {
    await (await open(file, "wx")).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new LangevinError(
      "unavailable",
      `Nothing can be written in ${folder}: its file system does not allow new files.`,
      "Choose another place with --out.",
      { cause: error },
    );
  }
  await rm(file, { force: true });
}

/** What is at a path; undefined where nothing is, also because a part of the path is a file. */
const entryOf = (path: string) =>
  stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });

/** The first of STEM, STEM-2, STEM-3, … that is free. */
export async function nextFreePath(stem: string): Promise<string> {
  for (let number = 1; ; number++) {
    const path = number === 1 ? stem : `${stem}-${number}`;
    if (!(await isTaken(path))) return path;
  }
}
