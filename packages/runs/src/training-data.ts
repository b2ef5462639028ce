// What a training learns: data selected, split and encoded in one way everywhere, so that equal settings learn equal
// states in equal order, in Node and in browsers.
import { LangevinError, type WorkOptions } from "@neural-langevin/core";
import {
  appendLabels,
  type DataSet,
  type Encoding,
  type EncodingKind,
  encodeImages,
  encodeSamples,
  encodings,
  fillMissing,
  findLabelKinds,
  fitEncoding,
  hasMissing,
  type ImageSet,
  imageOrder,
  isImageSet,
  type LabelUnits,
  labelUnits,
  pickImages,
  ratesOfStates,
  requireLabels,
  selectPlaces,
  shapeOf,
  sizeOf,
  startWork,
  takeImages,
  unitsWithLabels,
  valuesOf,
  type Work,
  wholeSamples,
} from "@neural-langevin/datasets";
import { pixelsOf, type StoredNetwork } from "./machine-file.js";
import type { TrainingSettings } from "./settings.js";
import type { Split } from "./split.js";

/** Data for training and for evaluation, as states and as firing rates. */
export interface TrainingData<Set extends DataSet = ImageSet> {
  /** Where a number is missing, the mean of its place. */
  readonly training: Set;
  /** Samples of which no number is missing. */
  readonly heldOut: Set;
  /** How the numbers of data become states; that of vectors is fitted to the training data. */
  readonly encoding: Encoding;
  /** States x of the training images, shape [P][N]; where a number is missing, that of the mean of its place. */
  readonly states: Float32Array;
  /** 1 where a value of the states is known, shape [P][N]; undefined where none is missing. */
  readonly known?: Uint8Array | undefined;
  /** Firing rates tanh x of the images kept for evaluation, shape [held out][pixels]. */
  readonly heldOutRates: Float32Array;
  /** Number of units N: one per pixel, and those of labels. */
  readonly units: number;
  /** Pixels of an image, or numbers of another sample. */
  readonly pixels: number;
  /** Which units are labels, with `label-units`; else undefined. */
  readonly labelUnits: LabelUnits | undefined;
  /** SHA-256 of the numbers of the training data, in hexadecimal. */
  readonly sha256: string;
  /** SHA-256 of the numbers kept for evaluation, in hexadecimal. */
  readonly heldOutSha256: string;
  /** Where the images lie in the data. */
  readonly split: Split;
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
> &
  Partial<Pick<TrainingSettings, "encoding">> & {
    readonly "label-kinds"?: number | undefined;
  };

/** What else chooses what is learned. */
export interface DataOptions<Set extends DataSet = ImageSet> extends WorkOptions {
  /** The test part of the data, for `held-out-from: test`. */
  readonly test?: Set | undefined;
  /** An encoding in place of the one that the settings name: a program's own, or one that a machine was trained with. */
  readonly encoding?: EncodingKind | Encoding | undefined;
  /** The split of a run that has begun; drawn by the settings unless given. */
  readonly split?: Split | undefined;
  /** Places that alone may be kept back: those that a machine kept back, where a training begins with it; all unless given. */
  readonly mayKeep?: readonly number[] | undefined;
  /**
   * The label units of a run that has begun, or of a machine that a training begins with, whose names and kinds are kept;
   * names are those of the data and kinds are found anew unless given.
   */
  readonly labelUnits?: LabelUnits | undefined;
  /** Whether nobody else needs the set, so that large data are rearranged in its memory and not copied. */
  readonly consume?: boolean | undefined;
}

/** Images that are kept back unless the settings say how many: a tenth, and no more than this. */
const MOST_HELD_OUT = 256;

/**
 * Selects, splits and encodes data as a training learns them.
 *
 * @throws invalid-value, for units that are not the numbers of a sample, labels without a sample, too few samples, a
 *   split of other data, and numbers that the encoding does not take; unavailable, in a page without Web Crypto;
 *   wrong-length, not-finite, bad-file, aborted
 */
export async function prepareData<Set extends DataSet>(
  set: Set,
  settings: DataSettings,
  options: DataOptions<Set> = {},
): Promise<TrainingData<Set>> {
  const pixels = sizeOf(set);
  if (settings.units !== undefined && settings.units !== pixels) {
    throw new LangevinError(
      "invalid-value",
      `${settings.units} units do not fit ${describeSamples(set)}.`,
      `Leave units out, or set them to ${pixels}.`,
    );
  }
  const split = options.split ?? drawSplit(set, settings, options);
  const others = split.heldOutFrom === "test" ? requireTest(set, options.test) : set;
  const outside = (places: readonly number[], { count }: DataSet) =>
    places.some((place) => !(place < count));
  if (split.count !== set.count || outside(split.training, set) || outside(split.heldOut, others)) {
    throw new LangevinError(
      "invalid-value",
      `The split divides ${split.count} images, but ${set.source} has ${set.count}.`,
      "Name the data that the run began with.",
    );
  }
  const work = startWork(options, "preparing", split.training.length, "samples");
  const heldOut = pickImages(others, split.heldOut);
  const learned = (options.consume ? takeImages : pickImages)(set, split.training);
  await work.advance();
  const plain = settings["label-units"] > 0 ? layoutOf(set, settings, options) : undefined;
  const given = options.encoding ?? encodings[settings.encoding ?? "atanh"];
  const encoding = "fit" in given ? fitEncoding(given, learned) : given;
  await work.advance();
  const { set: training, known } = fillMissing(learned);
  await work.advance();
  const images = await encodeSamples(training, encoding, work);
  const layout =
    plain && (await withKinds(plain, images, training, settings, { ...options, split }));
  return {
    training,
    heldOut,
    encoding,
    states: layout ? await withLabels(images, training.labels!, layout, work) : images,
    known: known && layout ? knownUnits(known, layout) : known,
    heldOutRates: ratesOfStates(encodeImages(heldOut, encoding)),
    units: layout ? unitsWithLabels(layout) : pixels,
    pixels,
    labelUnits: layout,
    sha256: await sha256(valuesOf(learned), work),
    heldOutSha256: await sha256(valuesOf(heldOut), work),
    split,
  };
}

/** What the samples of data are, in words, as in "images of 28 × 28 pixels". */
const describeSamples = (set: DataSet): string =>
  isImageSet(set)
    ? `images of ${set.width} × ${set.height} pixels`
    : `samples of ${shapeOf(set).join(" × ")} numbers`;

/** States of data, with the units of their labels where the layout has some. */
function statesOf(set: DataSet, encoding: Encoding, layout: LabelUnits | undefined): Float32Array {
  const states = encodeImages(set, encoding);
  return layout ? appendLabels(states, set.labels!, layout) : states;
}

/** Rows of states that get their label units at once. */
const LABELLED = 1024;

/** The states of many images with the units of their labels; see `appendLabels`. */
async function withLabels(
  states: Float32Array,
  labels: Uint8Array,
  layout: LabelUnits,
  work: Work,
): Promise<Float32Array> {
  const { pixels } = layout;
  const units = unitsWithLabels(layout);
  const whole = new Float32Array(labels.length * units);
  for (let row = 0; row < labels.length; row += LABELLED) {
    await work.advance();
    const end = row + LABELLED;
    const some = states.subarray(row * pixels, end * pixels);
    whole.set(appendLabels(some, labels.subarray(row, end), layout), row * units);
  }
  return whole;
}

/** Labels are always known. */
function knownUnits(known: Uint8Array, layout: LabelUnits): Uint8Array {
  const units = unitsWithLabels(layout);
  const { pixels } = layout;
  const all = new Uint8Array((known.length / pixels) * units).fill(1);
  for (let row = 0; row < known.length / pixels; row++) {
    all.set(known.subarray(row * pixels, (row + 1) * pixels), row * units);
  }
  return all;
}

function layoutOf(
  set: DataSet,
  settings: DataSettings,
  { labelUnits: before }: DataOptions<DataSet>,
): LabelUnits {
  const all = requireLabels(set, "for label units");
  const layout = labelUnits(sizeOf(set), settings.labels ?? all, settings["label-units"]);
  const { labels } = layout;
  const isSame = before?.labels.join() === labels.join();
  const names = (isSame && before?.names) || (set.classes && labels.map((k) => set.classes![k]!));
  return names ? { ...layout, names } : layout;
}

/**
 * Label units with as many kinds as the settings say: those that are given, where they are so many of these labels, or
 * found in the training images from the seed of the split.
 *
 * @param states x of the training images, shape [P][pixels]
 */
async function withKinds(
  layout: LabelUnits,
  states: Float32Array,
  training: DataSet,
  { "label-kinds": count = 1 }: DataSettings,
  {
    labelUnits: before,
    split,
    signal,
    onProgress,
  }: DataOptions<DataSet> & { readonly split: Split },
): Promise<LabelUnits> {
  if (count === 1) return layout;
  const { pixels, labels } = layout;
  const kinds = before?.kinds;
  if (kinds?.count === count && kinds.means.length === labels.length * count * pixels) {
    return { ...layout, kinds };
  }
  const how = { kinds: count, seed: split.seed, signal, onProgress };
  return { ...layout, kinds: await findLabelKinds(states, training.labels!, layout, how) };
}

/** Draws which images are learned and which are kept back. */
function drawSplit(
  set: DataSet,
  settings: DataSettings,
  { test, mayKeep }: DataOptions<DataSet>,
): Split {
  const { labels, images, "held-out-from": heldOutFrom = "training" } = settings;
  const seed = settings["split-seed"] ?? settings.seed;
  const { count } = set;
  if (heldOutFrom === "test") {
    const places = selectPlaces(set, { labels, images, heldOut: 0, seed });
    const heldOut = placesInTest(requireTest(set, test), set.source, { ...settings, seed });
    return { seed, heldOutFrom, count, training: places.training, heldOut };
  }
  if (mayKeep || hasMissing(set)) return splitSome(set, settings, seed, mayKeep);
  const most = imageOrder(set, { labels, seed }).length;
  const share = Math.min(MOST_HELD_OUT, Math.floor(most / 10));
  const heldOut = settings["held-out"] ?? Math.max(0, Math.min(share, most - (images ?? 0)));
  const places = selectPlaces(set, { labels, images, heldOut, seed });
  return { seed, heldOutFrom, count, ...places };
}

/** Places of the samples of a test part that count, in the order of a seed. */
function placesInTest(
  test: DataSet,
  source: string,
  { labels, seed, "held-out": wanted }: Pick<DataSettings, "labels" | "seed" | "held-out">,
): number[] {
  const order = wholeOnes(test, { labels, seed });
  const heldOut = wanted ?? Math.min(MOST_HELD_OUT, order.length);
  if (heldOut <= order.length) return order.slice(0, heldOut);
  throw new LangevinError(
    "invalid-value",
    `${heldOut} images cannot be kept back: the test part of ${source} has only ${order.length} of them.`,
    "Keep fewer images back.",
  );
}

/**
 * The data of a machine with images of their test part in the place of those that were kept back.
 *
 * @param settings the labels that count, all unless given, and so many images: at most 256 unless given
 * @throws invalid-value, for another shape, a label without an image, and too few images; wrong-length, not-finite,
 *   unavailable
 */
export async function withTestPart<Set extends DataSet>(
  data: TrainingData<Set>,
  test: Set,
  settings: Pick<DataSettings, "labels" | "held-out">,
): Promise<TrainingData<Set>> {
  const { seed } = data.split;
  const own = requireTest(data.training, test);
  const places = placesInTest(own, data.training.source, { ...settings, seed });
  const heldOut = pickImages(own, places);
  return {
    ...data,
    heldOut,
    heldOutRates: ratesOfStates(encodeImages(heldOut, data.encoding)),
    heldOutSha256: await sha256(valuesOf(heldOut)),
    split: { ...data.split, heldOutFrom: "test", heldOut: places },
  };
}

/** The places of samples without missing numbers, in the order of a seed. */
function wholeOnes(
  set: DataSet,
  selection: { readonly labels: readonly number[] | undefined; readonly seed: number },
): number[] {
  const whole = wholeSamples(set);
  return imageOrder(set, selection).filter((place) => whole[place] === 1);
}

/**
 * A split that keeps back some samples alone: those without missing numbers, with which generated ones can be compared, and
 * those that a machine which learned the same data kept back.
 */
function splitSome(
  set: DataSet,
  settings: DataSettings,
  seed: number,
  mayKeep: readonly number[] | undefined,
): Split {
  const { labels, images } = settings;
  const { count } = set;
  const order = imageOrder(set, { labels, seed });
  const unseen = mayKeep && new Set(mayKeep);
  const whole = wholeOnes(set, { labels, seed }).filter((place) => unseen?.has(place) ?? true);
  const share = Math.min(MOST_HELD_OUT, Math.floor(order.length / 10), whole.length);
  const asked = settings["held-out"] ?? Math.max(0, Math.min(share, order.length - (images ?? 0)));
  if (asked > whole.length) {
    throw new LangevinError(
      "invalid-value",
      `${asked} samples cannot be kept back: only ${whole.length} of ${set.source} ` +
        (unseen ? "were kept back by the machine that the training begins with." : "are complete."),
      "Keep fewer back with held-out.",
    );
  }
  const heldOut = whole.slice(0, asked);
  const kept = new Set(heldOut);
  const rest = order.filter((place) => !kept.has(place));
  const training = rest.slice(0, images);
  if (training.length > 0 && training.length === (images ?? training.length)) {
    return { seed, heldOutFrom: "training", count, training, heldOut };
  }
  throw new LangevinError(
    "invalid-value",
    `${images ?? 1} samples cannot be learned: ${set.source} has ${rest.length} besides those that are kept back.`,
    "Keep fewer back, or learn fewer.",
  );
}

function requireTest<Set extends DataSet>(set: Set, test: Set | undefined): Set {
  if (test && `${shapeOf(test)}` === `${shapeOf(set)}`) return test;
  throw new LangevinError(
    "invalid-value",
    test
      ? `The test part of ${set.source} has ${describeSamples(test)}, not ${[...shapeOf(set)].reverse().join(" × ")}.`
      : `The test part of ${set.source} is needed, but it was not read.`,
    "Keep training images back instead.",
  );
}

/**
 * Refuses data that a machine cannot see.
 *
 * @throws invalid-value
 */
export function requireImagesOf(
  network: Pick<StoredNetwork, "units" | "labelUnits">,
  { pixels, training }: Pick<TrainingData<DataSet>, "pixels" | "training">,
): void {
  const seen = pixelsOf(network);
  if (pixels === seen) return;
  const samples = describeSamples(training).replace(/^(\S+) of/, `$1 of ${training.source} have`);
  throw new LangevinError(
    "invalid-value",
    `The machine sees ${seen} ${isImageSet(training) ? "pixels" : "numbers"}, but ${samples}.`,
    "Name the samples that this machine learned as its data.",
  );
}

/**
 * Refuses data that are not images.
 *
 * @param wanted what needs images, as in "measures of digits"
 * @throws unsupported
 */
export function requireImages(
  data: TrainingData<DataSet>,
  wanted: string,
): asserts data is TrainingData {
  if (isImageSet(data.training)) return;
  throw new LangevinError(
    "unsupported",
    `${data.training.source} holds samples of ${shapeOf(data.training).join(" × ")} numbers, and ${wanted} need images.`,
  );
}

/** Fewer of the images of a run: some labels, and so many of those that it learned and that it kept back. */
export interface Narrowing {
  /** Only images of these; all unless given. */
  readonly labels?: readonly number[] | undefined;
  /** So many of those that were learned; all unless given. */
  readonly images?: number | undefined;
  /** So many of those that were kept back; all unless given. */
  readonly heldOut?: number | undefined;
}

/**
 * Takes fewer of the images of a machine, in their order. Images that were learned never become held-out ones.
 *
 * @throws invalid-value, when there are not so many, wrong-length, not-finite
 */
export function narrowData<Set extends DataSet>(
  data: TrainingData<Set>,
  { labels, images, heldOut }: Narrowing,
): TrainingData<Set> {
  if (labels === undefined && images === undefined && heldOut === undefined) return data;
  const fewer = (set: DataSet, most: number | undefined, done: string, flag: string): number[] => {
    const all = Array.from({ length: set.count }, (_, place) => place);
    const fitting = labels
      ? all.filter((place) => labels.includes(set.labels?.[place] ?? -1))
      : all;
    if (most !== undefined && most > fitting.length) {
      const labelled = labels ? ` with the labels ${labels.join(", ")}` : "";
      throw new LangevinError(
        "invalid-value",
        `${most} images are asked for, but the machine ${done} ${fitting.length}${labelled}.`,
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
    states: statesOf(training, data.encoding, data.labelUnits),
    known: data.known && pickRows(data.known, data.units, learned),
    heldOutRates: ratesOfStates(encodeImages(held, data.encoding)),
  };
}

function pickRows(marks: Uint8Array, size: number, rows: readonly number[]): Uint8Array {
  const picked = new Uint8Array(rows.length * size);
  rows.forEach((row, at) => {
    picked.set(marks.subarray(row * size, (row + 1) * size), at * size);
  });
  return picked;
}

/** Bytes that are hashed at once. */
const HASHED = 2 ** 26;

/**
 * SHA-256 of an array's bytes, in hexadecimal: by Node, or else by Web Crypto, which copies the bytes.
 *
 * @param work that others run in between, and that can be stopped
 * @throws unavailable, in a page that is not served by https; aborted
 */
export async function sha256(
  { buffer, byteOffset, byteLength }: ArrayBufferView,
  work?: Work,
): Promise<string> {
  const bytes = new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
  const node = globalThis.process?.getBuiltinModule?.("node:crypto");
  if (node) {
    const hash = node.createHash("sha256");
    for (let at = 0; at < bytes.length; at += HASHED) {
      hash.update(bytes.subarray(at, at + HASHED));
      await work?.advance();
    }
    return hash.digest("hex");
  }
  const { subtle } = globalThis.crypto ?? {};
  if (!subtle) {
    throw new LangevinError(
      "unavailable",
      "SHA-256 needs Web Crypto, which is not available here.",
      "Serve the page over https or from localhost.",
    );
  }
  const digest = new Uint8Array(await subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
