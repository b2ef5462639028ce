// The folder of an experiment: experiment.json, arrays/, stages/, machines/, tables/, figures/ and the report.
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import { readWhole, writeWhole } from "@neural-langevin/runs/node";
import type { ExperimentStorage } from "./storage.js";

/**
 * Begins in a folder that does not exist yet or is empty.
 *
 * @param options.overwrite replaces an experiment that is there; nothing else is ever replaced
 * @throws exists
 */
export async function createExperimentFolder(
  path: string,
  options: { readonly overwrite?: boolean | undefined } = {},
): Promise<ExperimentStorage> {
  const entries = await readdir(path).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === "ENOENT") return [];
    if (error.code !== "ENOTDIR") throw error;
    throw new LangevinError("exists", `${path} is a file.`, "Choose another folder.");
  });
  if (entries.length > 0) {
    if (!entries.includes("experiment.json")) {
      throw new LangevinError(
        "exists",
        `The folder ${path} is not empty and is not an experiment.`,
        "Choose another folder.",
      );
    }
    if (!options.overwrite) {
      throw new LangevinError(
        "exists",
        `There is an experiment in ${path} already.`,
        "Resume it, overwrite it, or choose another folder.",
      );
    }
    await rm(path, { recursive: true });
  }
  await mkdir(path, { recursive: true });
  return folderStorage(path);
}

/**
 * Opens the folder of an experiment, to go on with it.
 *
 * @throws not-found
 */
export async function openExperimentFolder(path: string): Promise<ExperimentStorage> {
  const storage = folderStorage(path);
  if (await storage.read("experiment.json")) return storage;
  throw new LangevinError(
    "not-found",
    `There is no experiment in ${path}: it has no experiment.json.`,
    "Name the folder of an experiment.",
  );
}

/** Files below a folder, each written whole or not at all. */
function folderStorage(path: string): ExperimentStorage {
  return {
    read: (name) =>
      readWhole(join(path, name)).catch((error) => {
        if (isLangevinError(error, "not-found")) return undefined;
        throw error;
      }),
    write: (name, content) => writeWhole(join(path, name), content),
    remove: (name) => rm(join(path, name), { force: true }),
    list: (folder) =>
      readdir(join(path, folder)).catch((error: NodeJS.ErrnoException): string[] => {
        if (error.code === "ENOENT") return [];
        throw error;
      }),
  };
}
