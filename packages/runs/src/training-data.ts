// What a training learns: images selected, split and encoded in one way everywhere, so that equal settings learn equal
// states in equal order, in Node and in browsers.
import { LangevinError } from "@neural-langevin/core";
import {
  appendLabels,
  encodeImages,
  type ImageSet,
  imageOrder,
  type LabelUnits,
  labelUnits,
  pickImages,
  ratesOfStates,
  selectImages,
  unitsWithLabels,
} from "@neural-langevin/datasets";
import { pixelsOf, type StoredNetwork } from "./machine-file.js";
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
  /** SHA-256 of the pixels kept for evaluation, in hexadecimal. */
  readonly heldOutSha256: string;
  /** Where the images lie in the data. */
  readonly split: Split;
}

/** Which images are learned and which are kept back, by their places in the data from 0: split.json. */
export interface Split {
  /** The seed that drew it. */
  readonly seed: number;
  /** Where the images that are kept back come from: the training images, or the test part of the data. */
  readonly heldOutFrom: TrainingSettings["held-out-from"];
  /** Training images that the data have. */
  readonly count: number;
  readonly training: readonly number[];
  readonly heldOut: readonly number[];
}

/** The settings that choose what is learned. */
export type DataSettings = Pick<
  TrainingSettings,
  | "labels"
  | "images"
  | "held-out"
  | "held-out-from"
  | "split-seed"
  | "units"
  | "label-units"
  | "seed"
>;

/** What else chooses what is learned. */
export interface DataOptions {
  /** The test part of the data, for `held-out-from: test`. */
  readonly test?: ImageSet | undefined;
  /** The split of a run that has begun; drawn by the settings unless given. */
  readonly split?: Split | undefined;
}

/** Images that are kept back unless the settings say how many: a tenth, and no more than this. */
const MOST_HELD_OUT = 256;

/**
 * Selects, splits and encodes images as a training learns them.
 *
 * @throws invalid-value, for units that are not the pixels of an image, labels without an image, too few images, and a
 *   split of other data; unavailable, in a page without Web Crypto
 */
export async function prepareData(
  set: ImageSet,
  settings: DataSettings,
  options: DataOptions = {},
): Promise<TrainingData> {
  const pixels = set.width * set.height;
  if (settings.units !== undefined && settings.units !== pixels) {
    throw new LangevinError(
      "invalid-value",
      `${settings.units} units do not fit images of ${set.width} × ${set.height} pixels.`,
      `Leave units out, or set them to ${pixels}.`,
    );
  }
  const split = options.split ?? drawSplit(set, settings, options.test);
  const others = split.heldOutFrom === "test" ? requireTest(set, options.test) : set;
  const outside = (places: readonly number[], { count }: ImageSet) =>
    places.some((place) => !(place < count));
  if (split.count !== set.count || outside(split.training, set) || outside(split.heldOut, others)) {
    throw new LangevinError(
      "invalid-value",
      `The split is one of ${split.count} images, and ${set.source} has ${set.count}.`,
      "Name the data that the run began with.",
    );
  }
  const training = pickImages(set, split.training);
  const heldOut = pickImages(others, split.heldOut);
  const layout = settings["label-units"] > 0 ? layoutOf(set, settings, pixels) : undefined;
  return {
    training,
    heldOut,
    states: statesOf(training, layout),
    heldOutRates: ratesOfStates(encodeImages(heldOut)),
    units: layout ? unitsWithLabels(layout) : pixels,
    pixels,
    labelUnits: layout,
    sha256: await sha256(training.pixels),
    heldOutSha256: await sha256(heldOut.pixels),
    split,
  };
}

/** States of images, with the units of their labels where the layout has some. */
function statesOf(images: ImageSet, layout: LabelUnits | undefined): Float32Array {
  const states = encodeImages(images);
  return layout ? appendLabels(states, images.labels!, layout) : states;
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

/** Draws which images are learned and which are kept back. */
function drawSplit(set: ImageSet, settings: DataSettings, test: ImageSet | undefined): Split {
  const { labels, images, "held-out-from": heldOutFrom = "training" } = settings;
  const seed = settings["split-seed"] ?? settings.seed;
  const { count } = set;
  if (heldOutFrom === "test") {
    const order = imageOrder(requireTest(set, test), { labels, seed });
    const heldOut = settings["held-out"] ?? Math.min(MOST_HELD_OUT, order.length);
    if (heldOut > order.length) {
      throw new LangevinError(
        "invalid-value",
        `${heldOut} images are to be kept back, but the test part of ${set.source} has ${order.length} of them.`,
        "Keep fewer images back.",
      );
    }
    const { places } = selectImages(set, { labels, images, heldOut: 0, seed });
    const kept = order.slice(0, heldOut);
    return { seed, heldOutFrom, count, training: places.training, heldOut: kept };
  }
  const most = imageOrder(set, { labels, seed }).length;
  const share = Math.min(MOST_HELD_OUT, Math.floor(most / 10));
  const heldOut = settings["held-out"] ?? Math.max(0, Math.min(share, most - (images ?? 0)));
  const { places } = selectImages(set, { labels, images, heldOut, seed });
  return { seed, heldOutFrom, count, ...places };
}

function requireTest(set: ImageSet, test: ImageSet | undefined): ImageSet {
  if (test && test.width === set.width && test.height === set.height) return test;
  throw new LangevinError(
    "invalid-value",
    test
      ? `The test part of ${set.source} has images of ${test.width} × ${test.height} pixels, not ${set.width} × ${set.height}.`
      : `The test part of ${set.source} is wanted, and was not read.`,
    "Keep training images back instead.",
  );
}

/**
 * Refuses images that a machine cannot see.
 *
 * @throws invalid-value
 */
export function requireImagesOf(
  network: Pick<StoredNetwork, "units" | "labelUnits">,
  { pixels, training }: Pick<TrainingData, "pixels" | "training">,
): void {
  const seen = pixelsOf(network);
  if (pixels === seen) return;
  const { width, height, source } = training;
  throw new LangevinError(
    "invalid-value",
    `The machine sees ${seen} pixels, but images of ${source} have ${width} × ${height} pixels.`,
    "Name the images of this machine as its data.",
  );
}

/** Fewer of the images of a run: some labels, and so many of those that it learned and that it kept back. */
export interface Narrowing {
  readonly labels?: readonly number[] | undefined;
  readonly images?: number | undefined;
  readonly heldOut?: number | undefined;
}

/**
 * Takes fewer of the images of a run, in their order. Images that were learned never become held-out ones.
 *
 * @throws invalid-value, when there are not so many
 */
export function narrowData(
  data: TrainingData,
  { labels, images, heldOut }: Narrowing,
): TrainingData {
  if (labels === undefined && images === undefined && heldOut === undefined) return data;
  const fewer = (set: ImageSet, most: number | undefined, done: string, flag: string): number[] => {
    const all = Array.from({ length: set.count }, (_, place) => place);
    const fitting = labels
      ? all.filter((place) => labels.includes(set.labels?.[place] ?? -1))
      : all;
    if (most !== undefined && most > fitting.length) {
      const labelled = labels ? ` with the labels ${labels.join(", ")}` : "";
      throw new LangevinError(
        "invalid-value",
        `${most} images are asked for, but the run ${done} ${fitting.length}${labelled}.`,
        `Ask for at most ${fitting.length} with ${flag}, or take the test part of the data with --test.`,
      );
    }
    return fitting.slice(0, most);
  };
  const learned = fewer(data.training, images, "learned", "--images");
  const kept = fewer(data.heldOut, heldOut, "kept back", "--held-out");
  const training = pickImages(data.training, learned);
  const held = pickImages(data.heldOut, kept);
  return {
    ...data,
    training,
    heldOut: held,
    states: statesOf(training, data.labelUnits),
    heldOutRates: ratesOfStates(encodeImages(held)),
  };
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
