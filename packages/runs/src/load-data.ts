// The images that a training names, read from where it names them.
import { basename, dirname, join, resolve } from "node:path";
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import { type ImageSet, parseNpy } from "@neural-langevin/datasets";
import { type LoadOptions, loadImages } from "@neural-langevin/datasets/node";
import type { RunFolder } from "./run-folder.js";
import type { TrainingSettings } from "./settings.js";
import { type DataSettings, prepareData, type Split, type TrainingData } from "./training-data.js";
import { readWhole } from "./whole-file.js";

/** Where data are that have a name and no path. */
export type DataPlaces = Pick<LoadOptions, "mnist">;

/** Settings as a run keeps them: whole, so that no later command draws or finds other data. */
export const keptSettings = (settings: TrainingSettings): TrainingSettings => ({
  ...settings,
  data: settings.data === "mnist" ? settings.data : resolve(settings.data),
  "split-seed": settings["split-seed"] ?? settings.seed,
});

/**
 * Loads what the settings name, as a training learns it.
 *
 * @throws not-found, bad-file, invalid-value, unsupported
 */
export async function loadData(
  settings: DataSettings & Pick<TrainingSettings, "data">,
  { split, ...places }: DataPlaces & { readonly split?: Split | undefined } = {},
): Promise<TrainingData> {
  const fromTest = (split?.heldOutFrom ?? settings["held-out-from"]) === "test";
  const test = fromTest ? await readImages(settings.data, { ...places, part: "test" }) : undefined;
  return prepareData(await readImages(settings.data, places), settings, { test, split });
}

/**
 * Loads the data of a run as it split them when it began.
 *
 * @throws bad-file, when they are not the data that it began with; what `loadData` throws
 */
export async function loadRunData(
  run: RunFolder,
  settings: DataSettings & Pick<TrainingSettings, "data">,
  places: DataPlaces = {},
): Promise<TrainingData> {
  const { data: before } = await run.readManifest();
  const data = await loadData(settings, { ...places, split: await run.readSplit() });
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
 * The images that the setting `data` names: those of `loadImages`, and for a run's own images.npy the labels.npy beside
 * it.
 *
 * @throws what `loadImages` throws
 */
export async function readImages(source: string, options: LoadOptions = {}): Promise<ImageSet> {
  const images = await loadImages(source, options);
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
