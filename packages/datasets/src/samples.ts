// Arrays of numbers as data: which of them are images, and what numbers they may hold.
import type { LangevinError } from "@neural-langevin/core";
import { badFile, type DataSet, type ImageSet, isImageSet, type VectorSet } from "./data-set.js";
import {
  type GreyRange,
  greyRange,
  greyWithin,
  type Numbers,
  type Pixels,
  placeOf,
  whitened,
} from "./grey.js";
import type { ArrayLayout, NpyArray } from "./npy.js";
import { bytesOfType, isFloatType } from "./numbers.js";

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
  requireSamples(shape, name);
  const placeAt = (at: number) => placeOf(at, shape);
  if (kind === "grey") {
    const range = greyRange(values, placeAt, name);
    if (missing === "refuse") requireNoneMissing(range, placeAt, name);
    return setOf(shape, greyWithin(values, range), name, kind);
  }
  requireReal(values, placeAt, name, missing);
  const floats = values instanceof Float32Array ? values : new Float32Array(values);
  return setOf(shape, floats, name, kind);
}

/**
 * Data from the numbers of an array that come piece by piece, so that a file need not be in memory beside its numbers.
 * What is taken and refused is that of `samplesOf`.
 */
export class SampleReader {
  readonly #name: string;
  readonly #kind: NumberKind;
  readonly #missing: MissingNumbers;
  readonly #shape: readonly number[];
  readonly #numbers: Pixels;
  /** Of an array in Fortran order: the place in a sample of its numbers, in the order of the file. */
  readonly #order: Uint32Array | undefined;
  /** How many numbers are best added at once: for Fortran order as many as the numbers of all samples at some places. */
  readonly pieceLength: number;
  #filled = 0;
  #isBinary = true;

  /**
   * @param array its shape, number type and order
   * @throws bad-file, for a shape without samples
   */
  constructor(
    { shape, type, fortran }: Pick<ArrayLayout, "shape" | "type" | "fortran">,
    name: string,
    kind: NumberKind = "grey",
    missing: MissingNumbers = "refuse",
  ) {
    requireSamples(shape, name);
    this.#name = name;
    this.#kind = kind;
    this.#missing = missing;
    this.#shape = shape;
    const [count = 1, ...sizes] = shape;
    const length = shape.reduce((product, size) => product * size, 1);
    const floats = kind === "real" || isFloatType(type);
    this.#numbers = floats ? new Float32Array(length) : new Uint8Array(length);
    this.#order = fortran ? fortranOrder(sizes) : undefined;
    const most = (fortran ? FORTRAN_PIECE : PIECE) / bytesOfType(type);
    this.pieceLength = fortran && count <= most ? most - (most % count) : most;
  }

  /**
   * Takes the numbers that come next in the file.
   *
   * @throws bad-file, with the first number that is refused and its place
   */
  add(values: Numbers): void {
    const start = this.#filled;
    const placeAt = (at: number) => placeOf(this.#placeIn(start + at), this.#shape);
    if (this.#kind === "real") {
      requireReal(values, placeAt, this.#name, this.#missing);
      this.#put(values);
      return;
    }
    const range = greyRange(values, placeAt, this.#name);
    if (this.#missing === "refuse") requireNoneMissing(range, placeAt, this.#name);
    this.#isBinary &&= range.isBinary;
    // Whether whole numbers up to 1 are black and white is known at the end alone.
    this.#put(this.#numbers instanceof Uint8Array ? values : greyWithin(values, range));
  }

  /** The data of all numbers. */
  finish(): DataSet {
    const numbers = this.#numbers;
    if (this.#order && this.#shape.length > 2) sortSamples(numbers, this.#order);
    const isBinary = numbers instanceof Uint8Array && this.#isBinary;
    return setOf(this.#shape, isBinary ? whitened(numbers) : numbers, this.#name, this.#kind);
  }

  #put(values: Numbers): void {
    if (this.#order) this.#putColumns(values, this.#order.length);
    else this.#numbers.set(values, this.#filled);
    this.#filled += values.length;
  }

  /** Puts numbers of Fortran order into their samples, in which they keep the order of the file until the end. */
  #putColumns(values: Numbers, size: number): void {
    const numbers = this.#numbers;
    const [count = 1] = this.#shape;
    for (let at = 0; at < values.length; ) {
      const column = Math.floor((this.#filled + at) / count);
      const sample = (this.#filled + at) % count;
      const columns = sample === 0 ? Math.floor((values.length - at) / count) : 0;
      if (columns === 0) {
        const end = Math.min(values.length, at + count - sample);
        for (let place = sample * size + column; at < end; at++, place += size) {
          numbers[place] = values[at]!;
        }
        continue;
      }
      // Several columns at once, so that what is fetched from memory for one number of a sample serves its neighbours.
      for (let row = 0; row < count; row++) {
        const place = row * size + column;
        let from = at + row;
        for (let to = place; to < place + columns; to++, from += count) numbers[to] = values[from]!;
      }
      at += columns * count;
    }
  }

  /** The place in row-major order of a number by its place in the file. */
  #placeIn(at: number): number {
    if (!this.#order) return at;
    const [count = 1] = this.#shape;
    return (at % count) * this.#order.length + this.#order[Math.floor(at / count)]!;
  }
}

/** Bytes of a file that are looked at together: they fit into the caches of a processor. */
const PIECE = 2 ** 19;
/** The same in Fortran order, where a piece should hold neighbouring numbers of all samples. */
const FORTRAN_PIECE = 2 ** 23;

/** Brings the numbers of every sample from the order of the file into row-major order. */
function sortSamples(numbers: Pixels, order: Uint32Array): void {
  const size = order.length;
  const sample = numbers.slice(0, size);
  for (let start = 0; start < numbers.length; start += size) {
    sample.set(numbers.subarray(start, start + size));
    for (let at = 0; at < size; at++) numbers[start + order[at]!] = sample[at]!;
  }
}

/** The places in row-major order of the elements of an array in Fortran order. */
function fortranOrder(shape: readonly number[]): Uint32Array {
  const order = new Uint32Array(shape.reduce((product, size) => product * size, 1));
  const strides = shape.map((_, axis) => {
    return shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  });
  for (let at = 0; at < order.length; at++) {
    let rest = at;
    for (const [axis, size] of shape.entries()) {
      order[at]! += (rest % size) * strides[axis]!;
      rest = Math.floor(rest / size);
    }
  }
  return order;
}

function requireSamples(shape: readonly number[], name: string): void {
  if (shape.length > 1) return;
  throw badFile(
    name,
    `has the shape (${shape.join(", ")}), where the first axis counts samples and others their numbers`,
    "Reshape it to (samples, numbers).",
  );
}

/** Numbers of a shape as images where they are some, else as vectors. */
function setOf(
  [count = 0, ...shape]: readonly number[],
  numbers: Pixels,
  source: string,
  kind: NumberKind,
): DataSet {
  const common = { count, labels: undefined, source };
  const image = kind === "grey" ? imageSize(shape) : undefined;
  if (image) return { ...common, ...image, pixels: numbers };
  return { ...common, shape, values: floatsOf(numbers) };
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

/** Refuses numbers that are not finite in float32, but for missing ones that are kept. Throws `bad-file`. */
function requireReal(
  values: Numbers,
  placeAt: (at: number) => string,
  name: string,
  missing: MissingNumbers,
): void {
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (Number.isFinite(Math.fround(value))) continue;
    if (missing === "keep" && Number.isNaN(value)) continue;
    throw refusedNumber(value, `[${placeAt(at)}]`, name);
  }
}

/** Refuses missing numbers. Throws `bad-file`, with the place of the first. */
function requireNoneMissing(
  { missing }: GreyRange,
  placeAt: (at: number) => string,
  name: string,
): void {
  if (missing >= 0) throw refusedNumber(Number.NaN, `[${placeAt(missing)}]`, name);
}

/** The failure of a number that no machine can learn. */
export function refusedNumber(value: number, place: string, name: string): LangevinError {
  if (Number.isNaN(value)) {
    return badFile(
      name,
      `lacks the number at ${place} (NaN), but a machine learns complete samples`,
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
  for (let start = 0; start < values.length; start += size) {
    for (let at = 0; at < size; at++) {
      mean[at]! += values[start + at]! / count;
      if (values[start + at] !== values[at]) varies[at] = 1;
    }
  }
  for (let start = 0; start < values.length; start += size) {
    for (let at = 0; at < size; at++) square[at]! += (values[start + at]! - mean[at]!) ** 2 / count;
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
