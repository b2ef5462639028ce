// What of a run a page may fetch: the files that a run is read from, and nothing else that lies in its folder.
import { access, constants, readdir, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { ifMissing, systemFailure } from "@neural-langevin/datasets/node";
import { requireRunFolder } from "./run-folder.js";
import { checkpointUpdate, EVALUATIONS_FILE, METRICS_FILE, TIMES_FILE } from "./run-layout.js";

/** What lies beside the checkpoints of a run. */
const own = [
  "config.yaml",
  "manifest.json",
  METRICS_FILE,
  EVALUATIONS_FILE,
  TIMES_FILE,
  "images.npy",
  "labels.npy",
];

/**
 * The files of a run, as `demo/config.yaml`, or the one file, each with the path at which it lies.
 *
 * @throws not-found, unavailable
 */
export async function servedFiles(path: string): Promise<Map<string, string>> {
  const entry = await stat(path).catch(ifMissing(path, undefined));
  if (entry?.isFile()) {
    await requireReadable(path);
    return new Map([[basename(path), path]]);
  }
  await requireRunFolder(path, "Name the folder of a run, or a safetensors file.");
  const folder = resolve(path);
  const above = dirname(folder);
  const names = await listed(folder);
  const checkpoints = await listed(join(folder, "checkpoints"));
  const served = [
    ...own.filter((name) => names.includes(name)).map((name) => join(folder, name)),
    ...checkpoints
      .filter((name) => checkpointUpdate(name) !== undefined)
      .map((name) => join(folder, "checkpoints", name)),
  ];
  await Promise.all(served.map(requireReadable));
  return new Map(served.map((file) => [relative(above, file).split(sep).join("/"), file]));
}

const listed = (folder: string): Promise<string[]> =>
  readdir(folder).catch(ifMissing<string[]>(folder, []));

/** Says so now where a file may not be read, and not when a page asks for it. */
const requireReadable = (file: string): Promise<void> =>
  access(file, constants.R_OK).catch((error) => {
    throw systemFailure(error, "read", file);
  });
