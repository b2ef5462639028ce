// The data that a training names, read from where it names them.
import { basename, dirname, join, resolve } from "node:path";
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import {
  type DataSet,
  encodingOf,
  encodings,
  type ImageSet,
  type LabelUnits,
  parseNpy,
} from "@neural-langevin/datasets";
import {
  type LoadOptions,
  loadImages,
  loadSamples,
  type Part,
} from "@neural-langevin/datasets/node";
import { decodeNetwork } from "./machine-file.js";
import { isRun, type RunFolder } from "./run-folder.js";
import type { TrainingSettings } from "./settings.js";
import {
  type DataOptions,
  type DataSettings,
  prepareData,
  type TrainingData,
} from "./training-data.js";
import { readWhole } from "./whole-file.js";

/** Where data are that have a name and no path, and who follows the reading. */
export type DataPlaces = Pick<LoadOptions, "mnist" | "signal" | "onProgress">;

/** The settings that say what is read, and how a training learns it. */
type NamedData = DataSettings &
  Pick<TrainingSettings, "data"> &
  Partial<Pick<TrainingSettings, "labels-file" | "label-column" | "missing">>;

/** Settings as a run keeps them: whole, so that no later command draws or finds other data. */
export const keptSettings = (settings: TrainingSettings): TrainingSettings => ({
  ...settings,
  data: settings.data === "mnist" ? settings.data : resolve(settings.data),
  "labels-file": settings["labels-file"] && resolve(settings["labels-file"]),
  "split-seed": settings["split-seed"] ?? settings.seed,
});

/**
 * Loads what the settings name, as a training learns it.
 *
 * @throws not-found, bad-file, invalid-value, unsupported, wrong-length, not-finite, unavailable, aborted
 */
export async function loadData(
  settings: NamedData,
  {
    split,
    mayKeep,
    encoding,
    labelUnits,
    ...places
  }: DataPlaces & Pick<DataOptions, "split" | "mayKeep" | "encoding" | "labelUnits"> = {},
): Promise<TrainingData<DataSet>> {
  const fromTest = (split?.heldOutFrom ?? settings["held-out-from"]) === "test";
  const test = fromTest ? await readData(settings, "test", places) : undefined;
  return prepareData(await readData(settings, "train", places), settings, {
    test,
    split,
    mayKeep,
    encoding,
    labelUnits,
    consume: true,
    signal: places.signal,
    onProgress: places.onProgress,
  });
}

/** One part of what settings name; the encoding says whether its numbers are grey or any. */
export async function readData(
  settings: NamedData,
  part: Part,
  places: DataPlaces,
): Promise<DataSet> {
  if (await isRun(settings.data)) {
    throw new LangevinError(
      "bad-file",
      `${settings.data} is a run, not data.`,
      "Name the data that it learned, or continue it with train --resume.",
    );
  }
  const { takes } = encodings[settings.encoding ?? "atanh"];
  const set = await loadSamples(settings.data, {
    ...places,
    part,
    numbers: takes,
    labelsFile: settings["labels-file"],
    labelColumn: settings["label-column"],
    missing: settings.missing === "pin" ? "keep" : "refuse",
  });
  return ownLabels(set, settings.data);
}

/**
 * Loads the data of a run as it split them when it began.
 *
 * @param options.changed whether other data of as many images are accepted
 * @throws bad-file, when they are not the data that it began with; what `loadData` throws (invalid-value, wrong-length,
 *   not-finite, not-found, unsupported, unavailable, aborted)
 */
export async function loadRunData(
  run: RunFolder,
  settings: NamedData,
  { changed = false, ...places }: DataPlaces & { readonly changed?: boolean | undefined } = {},
): Promise<TrainingData<DataSet>> {
  const { data: before } = await run.readManifest();
  // An encoding that was fitted stays as it was, also where it came with a machine.
  const isOwn = before.encoding?.name === settings.encoding;
  const encoding = isOwn ? encodingOf(before.encoding) : undefined;
  const split = await run.readSplit();
  const labelUnits = await labelUnitsOfRun(run, settings);
  const data = await loadData(settings, { ...places, split, encoding, labelUnits });
  const { sha256, heldOutSha256 } = data;
  if (changed) return data;
  if (sha256 === before.sha256 && heldOutSha256 === (before.heldOutSha256 ?? heldOutSha256)) {
    return data;
  }
  const [what, found, due] =
    sha256 === before.sha256
      ? ["what it keeps back", heldOutSha256, before.heldOutSha256]
      : ["what it learns", sha256, before.sha256];
  throw new LangevinError(
    "bad-file",
    `${settings.data} is not what the run ${run.path} began with: the SHA-256 of ${what} is ${found}, not ${due}.`,
    "Bring back the data of the run, begin a new one, or go on with train --resume and --changed-data.",
  );
}

/**
 * The label units of a run's checkpoints, where the settings want some; undefined before the first. Names and kinds are
 * settled once, when a run begins, and are the same in all of its checkpoints: a damaged one is passed over.
 */
async function labelUnitsOfRun(
  run: RunFolder,
  { "label-units": copies }: NamedData,
): Promise<LabelUnits | undefined> {
  if (copies === 0) return undefined;
  let damage: unknown;
  for (const update of (await run.checkpoints()).reverse()) {
    const file = await run.checkpointFile(update);
    try {
      return decodeNetwork(await readWhole(file), file).labelUnits;
    } catch (error) {
      if (!isLangevinError(error)) throw error;
      damage ??= error;
    }
  }
  if (damage) throw damage;
  return undefined;
}

/**
 * The images that the setting `data` names: those of `loadImages`, and for a run's own images.npy the labels.npy beside
 * it.
 *
 * @throws what `loadImages` throws: invalid-value, not-found, bad-file, unsupported, unavailable, aborted
 */
export const readImages = async (source: string, options: LoadOptions = {}): Promise<ImageSet> =>
  ownLabels(await loadImages(source, options), source);

/**
 * The data that the setting `data` names, as `loadSamples` reads them; labels as `readImages` finds them.
 *
 * @throws what `loadSamples` throws: invalid-value, not-found, bad-file, unsupported, unavailable, aborted
 */
export const readSamples = async (source: string, options: LoadOptions = {}): Promise<DataSet> =>
  ownLabels(await loadSamples(source, options), source);

/** Labels of the data that a run brings along: labels.npy beside images.npy, where they have labels. */
async function ownLabels<Set extends DataSet>(images: Set, source: string): Promise<Set> {
  if (basename(source) !== "images.npy") return images;
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
