// Arrays of numbers as data: which of them are images, and what numbers they may hold.
import type { LangevinError } from "@neural-langevin/core";
import { badFile, type DataSet, type ImageSet, isImageSet, type VectorSet } from "./data-set.js";
import { greyOf, type Numbers, placeOf } from "./grey.js";
import type { NpyArray } from "./npy.js";

/** `grey`: pixels, or other numbers that lie from 0 to 1; `real`: numbers of any meaning, taken as they are. */
export type NumberKind = "grey" | "real";

/** What becomes of numbers that are missing (NaN): they are refused with the place of the first, or kept as they are. */
export type MissingNumbers = "refuse" | "keep";

/**
 * Data from an array whose first axis counts samples.
 *
 * Grey numbers are floats from 0 to 1, which stay floats (rounding errors of up to 1e-6 are clipped), or whole numbers
 * of every type, booleans among them: levels from 0 to 255, or black and white where only 0 and 1 occur. They are images
 * where the shape is [P][H][W], with or without a channel axis of size 1, or [P][N] with square N; else vectors.
 *
 * Real numbers are vectors of whatever shape; what is larger than float32 or no number is refused.
 *
 * @param missing whether NaN stays, for `fillMissing`
 * @throws bad-file, with the first number that is refused and its place
 */
export function samplesOf(
  { shape, values }: NpyArray,
  name: string,
  kind: NumberKind = "grey",
  missing: MissingNumbers = "refuse",
): DataSet {
  const [count = 0, ...sizes] = shape;
  if (sizes.length === 0) {
    throw badFile(
      name,
      `has the shape (${shape.join(", ")}), where the first axis counts samples and others their numbers`,
      "Reshape it to (samples, numbers).",
    );
  }
  const common = { count, labels: undefined, source: name };
  if (kind === "real")
    return { ...common, shape: sizes, values: realOf(values, shape, name, missing) };
  const image = imageSize(sizes);
  if (missing === "refuse") requireNumbers(values, shape, name);
  const pixels = greyOf(values, shape, name);
  if (image) return { ...common, ...image, pixels };
  return { ...common, shape: sizes, values: floatsOf(pixels) };
}

/**
 * Grey images from an array; see `samplesOf`.
 *
 * @throws bad-file, also for another shape
 */
export function imagesFromNpy(array: NpyArray, name: string): ImageSet {
  const set = array.shape.length > 1 ? samplesOf(array, name) : undefined;
  if (set && isImageSet(set)) return set;
  throw badFile(
    name,
    `has the shape (${array.shape.join(", ")}), where grey images are (count, height, width) ` +
      "or (count, pixels of a square)",
  );
}

/** The size of images of some shape; undefined where it is that of no grey image. */
function imageSize(sizes: readonly number[]): { height: number; width: number } | undefined {
  const grey = sizes.length === 3 ? withoutChannel(sizes) : sizes;
  if (grey.length === 2) return { height: grey[0]!, width: grey[1]! };
  const side = Math.sqrt(grey[0]!);
  return grey.length === 1 && Number.isInteger(side) ? { height: side, width: side } : undefined;
}

/** Height and width of images whose single channel comes last (Keras) or first (PyTorch). */
const withoutChannel = (sizes: readonly number[]): readonly number[] => {
  if (sizes[2] === 1) return sizes.slice(0, 2);
  return sizes[0] === 1 ? sizes.slice(1) : sizes;
};

function floatsOf(pixels: Uint8Array | Float32Array): Float32Array {
  if (pixels instanceof Float32Array) return pixels;
  const floats = new Float32Array(pixels.length);
  for (let at = 0; at < floats.length; at++) floats[at] = pixels[at]! / 255;
  return floats;
}

/** Numbers in float32, all finite but for missing ones that are kept. */
function realOf(
  values: Numbers,
  shape: readonly number[],
  name: string,
  missing: MissingNumbers,
): Float32Array {
  const floats = values instanceof Float32Array ? values : new Float32Array(values);
  for (let at = 0; at < floats.length; at++) {
    const value = floats[at]!;
    if (Number.isFinite(value) || (missing === "keep" && Number.isNaN(value))) continue;
    throw refusedNumber(values[at]!, `[${placeOf(at, shape)}]`, name);
  }
  return floats;
}

/** Refuses missing numbers. Throws `bad-file`, with the place of the first. */
function requireNumbers(values: Numbers, shape: readonly number[], name: string): void {
  if (!(values instanceof Float32Array || values instanceof Float64Array)) return;
  for (let at = 0; at < values.length; at++) {
    if (Number.isNaN(values[at])) {
      throw refusedNumber(Number.NaN, `[${placeOf(at, shape)}]`, name);
    }
  }
}

/** The failure of a number that no machine can learn. */
export function refusedNumber(value: number, place: string, name: string): LangevinError {
  if (Number.isNaN(value)) {
    return badFile(
      name,
      `lacks the number at ${place} (NaN), and a machine learns whole samples`,
      "Train on what is known with missing: pin, or leave such samples out.",
    );
  }
  return badFile(
    name,
    Number.isFinite(value)
      ? `has ${value} at ${place}, which is too large for float32`
      : `has an infinite number at ${place}`,
    "Scale the numbers, or leave that sample out.",
  );
}

/** What is worth saying of data before they are learned. */
export interface DataWarnings {
  /** Places in a sample that hold one number in all samples. */
  readonly constant: readonly number[];
  /** How many times larger the largest standard deviation of a place is than the smallest of those that vary. */
  readonly scales: number;
}

/** Looks for numbers that teach nothing, and for scales that do not fit together. */
export function inspectSamples({ values, shape }: VectorSet): DataWarnings {
  const size = shape.reduce((product, one) => product * one, 1);
  const count = values.length / size;
  const mean = new Float64Array(size);
  const square = new Float64Array(size);
  const varies = new Uint8Array(size);
  for (let at = 0; at < values.length; at++) {
    mean[at % size]! += values[at]! / count;
    if (values[at] !== values[at % size]) varies[at % size] = 1;
  }
  for (let at = 0; at < values.length; at++) {
    square[at % size]! += (values[at]! - mean[at % size]!) ** 2 / count;
  }
  const deviations = Array.from(
    square.filter((_, unit) => varies[unit]),
    Math.sqrt,
  );
  return {
    constant: Array.from(varies.keys()).filter((unit) => !varies[unit]),
    scales: deviations.length === 0 ? 1 : Math.max(...deviations) / Math.min(...deviations),
  };
}
