// What of a run a page may fetch: the files that a run is read from, and nothing else that lies in its folder.
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
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
 * @throws not-found
 */
export async function servedFiles(path: string): Promise<Map<string, string>> {
  const entry = await stat(path).catch(() => undefined);
  if (entry?.isFile()) return new Map([[basename(path), path]]);
  await requireRunFolder(path, "Name the folder of a run, or a safetensors file.");
  const folder = resolve(path);
  const above = dirname(folder);
  const names = await readdir(folder);
  const checkpoints = await readdir(join(folder, "checkpoints")).catch(() => []);
  const served = [
    ...own.filter((name) => names.includes(name)).map((name) => join(folder, name)),
    ...checkpoints
      .filter((name) => checkpointUpdate(name) !== undefined)
      .map((name) => join(folder, "checkpoints", name)),
  ];
  return new Map(served.map((file) => [relative(above, file).split(sep).join("/"), file]));
}
