// The folder of an experiment: experiment.json, arrays/, stages/, machines/, tables/, figures/ and the report.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import { OwnFolder, readWhole } from "@neural-langevin/runs/node";
import type { ExperimentStorage } from "./storage.js";

/** The folder of an experiment, which one process writes at a time. */
export interface ExperimentFolder extends ExperimentStorage, AsyncDisposable {}

/**
 * Begins in a folder that does not exist yet or is empty, and locks it until it is disposed of.
 *
 * @param options.overwrite takes a folder that holds an experiment; of its files those are removed that we wrote
 * @throws exists, in-use, unavailable; invalid-value, for an empty path; not-found, bad-file
 */
export async function createExperimentFolder(
  path: string,
  options: { readonly overwrite?: boolean | undefined } = {},
): Promise<ExperimentFolder> {
  const folder = new OwnFolder(path, "experiment");
  await folder.create(options);
  return folderStorage(folder);
}

/**
 * Opens the folder of an experiment, to go on with it, and locks it until it is disposed of.
 *
 * @throws not-found, in-use, unavailable, invalid-value, bad-file, exists
 */
export async function openExperimentFolder(path: string): Promise<ExperimentFolder> {
  const folder = new OwnFolder(path, "experiment");
  const storage = folderStorage(folder);
  if (await storage.read("experiment.json")) {
    await folder.lock();
    return storage;
  }
  throw new LangevinError(
    "not-found",
    `There is no experiment in ${path}: it has no experiment.json.`,
    "Name the folder of an experiment.",
  );
}

/** Files below a folder, each written whole or not at all. */
function folderStorage(folder: OwnFolder): ExperimentFolder {
  const { path } = folder;
  return {
    read: (name) =>
      readWhole(join(path, name)).catch((error) => {
        if (isLangevinError(error, "not-found")) return undefined;
        throw error;
      }),
    async write(name, content) {
      await folder.write(name, content);
    },
    remove: (name) => folder.remove(name),
    list: (name) =>
      readdir(join(path, name)).catch((error: NodeJS.ErrnoException): string[] => {
        if (error.code === "ENOENT") return [];
        throw error;
      }),
    [Symbol.asyncDispose]: () => folder.close(),
  };
}
