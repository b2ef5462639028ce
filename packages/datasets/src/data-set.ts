// Data as they come from a file: samples of one shape with their labels, which are grey images or any real numbers.
import { LangevinError } from "@neural-langevin/core";
import type { Pixels } from "./grey.js";

/** What all data have. */
interface Samples {
  readonly count: number;
  /** One label per sample, where there are labels. */
  readonly labels: Uint8Array | undefined;
  /** What labels are called, where they have names: label k is `classes[k]`. */
  readonly classes?: readonly string[] | undefined;
  /** Where the data come from, in words. */
  readonly source: string;
}

/** Grey images of one size. */
export interface ImageSet extends Samples {
  /** Width of each image in pixels. */
  readonly width: number;
  /** Height of each image in pixels. */
  readonly height: number;
  /** Levels from 0 (black) to 255 (white), or floats from 0 to 1; shape [count][height][width]. */
  readonly pixels: Pixels;
}

/** Real numbers of any meaning: firing rates, counts, measurements. */
export interface VectorSet extends Samples {
  /** Sizes of one sample, as [60] or [28, 28]. */
  readonly shape: readonly number[];
  /** Shape [count][…shape]. */
  readonly values: Float32Array;
  /** What the numbers of a sample are called, in order, where a table says. */
  readonly columns?: readonly string[] | undefined;
}

/** What a machine can learn. */
export type DataSet = ImageSet | VectorSet;

/** Whether data are grey images. */
export const isImageSet = (set: DataSet): set is ImageSet => "pixels" in set;

/** The numbers of all samples: shape [count][…shapeOf(set)]. */
export const valuesOf = (set: DataSet): Pixels => (isImageSet(set) ? set.pixels : set.values);

/** Sizes of one sample; [height, width] of an image. */
export const shapeOf = (set: DataSet): readonly number[] =>
  isImageSet(set) ? [set.height, set.width] : set.shape;

/** Numbers of one sample, and so the units that it takes. */
export const sizeOf = (set: DataSet): number =>
  shapeOf(set).reduce((product, size) => product * size, 1);

/**
 * The labels of samples, for a purpose that needs them.
 *
 * @param purpose after "has no labels", as "for label units"
 * @throws invalid-value where there are none
 */
export function requireLabels({ labels, source }: DataSet, purpose: string): Uint8Array {
  if (labels) return labels;
  throw new LangevinError(
    "invalid-value",
    `${source} has no labels ${purpose}.`,
    "Name the file that holds them as labels-file, or put the images of each label into a folder of their own.",
  );
}

/** How samples of a shape are laid out in a picture: the last axis across, all others down. */
export function pictureSize(shape: readonly number[]): { width: number; height: number } {
  const width = shape.at(-1) ?? 1;
  return { width, height: shape.slice(0, -1).reduce((product, size) => product * size, 1) };
}

/** The samples at some places, in that order. */
export function pickImages<Set extends DataSet>(set: Set, places: ArrayLike<number>): Set {
  const values = valuesOf(set);
  const size = sizeOf(set);
  const length = places.length * size;
  const picked = values instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
  for (let row = 0; row < places.length; row++) {
    const start = places[row]! * size;
    picked.set(values.subarray(start, start + size), row * size);
  }
  return withSamples(set, places, picked);
}

/** A set with the samples at some places, whose numbers are given. */
function withSamples<Set extends DataSet>(
  set: Set,
  places: ArrayLike<number>,
  numbers: Pixels,
): Set {
  const labels = set.labels && Uint8Array.from(places, (place) => set.labels![place]!);
  const own = isImageSet(set) ? { pixels: numbers } : { values: numbers };
  return { ...set, count: places.length, labels, ...own };
}

/**
 * The same as `pickImages`, in the memory of the set itself, whose samples are lost: for large data that nobody else
 * holds, so that they need not be in memory twice. What takes less than half of them is a copy after all.
 */
export function takeImages<Set extends DataSet>(set: Set, places: ArrayLike<number>): Set {
  const values = valuesOf(set);
  const size = sizeOf(set);
  /** Where the sample at a place is to go; −1 where it is not taken. */
  const goesTo = new Int32Array(set.count).fill(-1);
  for (let to = 0; to < places.length; to++) goesTo[places[to]!] = to;
  const taken = goesTo.reduce((sum, to) => sum + Number(to >= 0), 0);
  // A sample that is taken twice cannot be moved.
  if (taken < places.length || 2 * taken < set.count) return pickImages(set, places);
  const isMoved = new Uint8Array(places.length);
  const move = (from: number, to: number) => {
    values.copyWithin(to * size, from * size, (from + 1) * size);
    isMoved[to] = 1;
  };
  // A place whose sample is not taken is free, and so is every place whose sample has gone.
  for (let free = 0; free < places.length; free++) {
    if (goesTo[free]! >= 0) continue;
    for (let to = free; to < places.length && !isMoved[to]; to = places[to]!) move(places[to]!, to);
  }
  // What is left moves in circles, each of which is opened by one sample that waits outside.
  for (let first = 0; first < places.length; first++) {
    if (isMoved[first]) continue;
    const waiting = values.slice(first * size, (first + 1) * size);
    let to = first;
    for (; places[to] !== first; to = places[to]!) move(places[to]!, to);
    values.set(waiting, to * size);
    isMoved[to] = 1;
  }
  return withSamples(set, places, values.subarray(0, places.length * size));
}

/**
 * Refuses data in which all numbers are equal: there is nothing to learn, and they come of a wrong scale or file.
 *
 * @throws bad-file
 */
export function requireContrast(set: DataSet): void {
  const values = valuesOf(set);
  const { count, source } = set;
  const known = values.findIndex((value) => !Number.isNaN(value));
  if (known < 0)
    throw badFile(source, "holds no number: all are missing (NaN)", "Check how it was made.");
  const first = values[known];
  for (let at = known + 1; at < values.length; at++) {
    if (values[at] !== first && !Number.isNaN(values[at])) return;
  }
  const [what, one] = isImageSet(set) ? ["pixel", "image"] : ["number", "sample"];
  throw new LangevinError(
    "bad-file",
    `Every ${what} of ${source} is ${first}, in ${count === 1 ? `its one ${one}` : `all ${count} ${one}s`}.`,
    `${one === "image" ? "Images" : "Data"} need at least two different values: check how they were scaled.`,
  );
}

/** What to do about a file that is not what it claims. */
export const saveAgain = "It may be damaged or cut: save or download it again.";

/** The failure of a file that is not what its format promises. */
export const badFile = (name: string, problem: string, remedy = saveAgain): LangevinError =>
  new LangevinError("bad-file", `${name} ${problem}.`, remedy);
