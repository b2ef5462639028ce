// What a training learns: images selected, split and encoded in one way everywhere, so that equal settings learn equal
// states in equal order, in Node and in browsers.
import { LangevinError } from "@neural-langevin/core";
import {
  appendLabels,
  encodeImages,
  type ImageSet,
  type LabelUnits,
  labelUnits,
  ratesOfStates,
  selectImages,
  unitsWithLabels,
} from "@neural-langevin/datasets";
import type { TrainingSettings } from "./settings.js";

/** Images for training and for evaluation, as states and as firing rates. */
export interface TrainingData {
  readonly training: ImageSet;
  readonly heldOut: ImageSet;
  /** States x of the training images, shape [P][N]. */
  readonly states: Float32Array;
  /** Firing rates tanh x of the images kept for evaluation, shape [held out][pixels]. */
  readonly heldOutRates: Float32Array;
  /** Number of units N: one per pixel, and those of labels. */
  readonly units: number;
  /** Pixels of an image. */
  readonly pixels: number;
  /** Which units are labels, with `label-units`; else undefined. */
  readonly labelUnits: LabelUnits | undefined;
  /** SHA-256 of the training pixels, in hexadecimal. */
  readonly sha256: string;
}

/** The settings that choose what is learned. */
export type DataSettings = Pick<
  TrainingSettings,
  "labels" | "images" | "held-out" | "units" | "label-units" | "seed"
>;

/**
 * Selects, splits and encodes images as a training learns them.
 *
 * @throws invalid-value, for units that are not the pixels of an image, labels without an image, and too few images;
 *   unavailable, in a page without Web Crypto
 */
export async function prepareData(set: ImageSet, settings: DataSettings): Promise<TrainingData> {
  const pixels = set.width * set.height;
  if (settings.units !== undefined && settings.units !== pixels) {
    throw new LangevinError(
      "invalid-value",
      `${settings.units} units do not fit images of ${set.width} × ${set.height} pixels.`,
      `Leave units out, or set them to ${pixels}.`,
    );
  }
  const { labels, images, seed } = settings;
  const { training, heldOut } = selectImages(set, {
    labels,
    images,
    heldOut: settings["held-out"],
    seed,
  });
  const layout = settings["label-units"] > 0 ? layoutOf(set, settings, pixels) : undefined;
  const states = encodeImages(training);
  return {
    training,
    heldOut,
    states: layout ? appendLabels(states, training.labels!, layout) : states,
    heldOutRates: ratesOfStates(encodeImages(heldOut)),
    units: layout ? unitsWithLabels(layout) : pixels,
    pixels,
    labelUnits: layout,
    sha256: await sha256(training.pixels),
  };
}

function layoutOf(set: ImageSet, settings: DataSettings, pixels: number): LabelUnits {
  if (!set.labels) {
    throw new LangevinError(
      "invalid-value",
      `${set.source} has no labels for label units.`,
      "Leave label-units out, or name images with labels.",
    );
  }
  return labelUnits(pixels, settings.labels ?? set.labels, settings["label-units"]);
}

/** SHA-256 of an array's bytes, in hexadecimal, by Web Crypto, which Node and browsers share. */
export async function sha256({ buffer, byteOffset, byteLength }: ArrayBufferView): Promise<string> {
  const { subtle } = globalThis.crypto ?? {};
  if (!subtle) {
    throw new LangevinError(
      "unavailable",
      "SHA-256 needs Web Crypto, which is not available here.",
      "Serve the page over https or from localhost.",
    );
  }
  const bytes = new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
  const digest = new Uint8Array(await subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
