// How numbers of a file are grey: one rule for every number type.
import { LangevinError } from "@neural-langevin/core";

/** Grey levels from 0 (black) to 255 (white), or, as floats, from 0 to 1. */
export type Pixels = Uint8Array | Float32Array;

/** The encodings that take any numbers, in words. */
export const otherEncodings = "the encoding z-score or identity";

/** Floats beyond 0 and 1 by no more than this are rounding errors, and are clipped. */
const TOLERANCE = 1e-6;

/** Arrays of real numbers. */
export type Numbers =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** What is to be known of grey numbers; a number that is missing (NaN) aside. */
export interface GreyRange {
  /** Whether floats leave [0, 1] by a rounding error. */
  readonly isRounded: boolean;
  /** Whether whole numbers are 0 and 1 alone. */
  readonly isBinary: boolean;
  /** The place of the first that is missing; −1 where none is. */
  readonly missing: number;
}

const isFloats = (values: Numbers): values is Float32Array | Float64Array =>
  values instanceof Float32Array || values instanceof Float64Array;

/**
 * The range of the grey numbers in a file: floats from 0 (black) to 1 (white), or levels from 0 to 255.
 *
 * @param placeOf the indices of the number at a place, for errors
 * @throws bad-file, with the first number that is outside and its place
 */
export function greyRange(
  values: Numbers,
  placeOf: (at: number) => string,
  name: string,
): GreyRange {
  // Bytes are all in range: the first above 1 says that they are levels.
  if (values instanceof Uint8Array) {
    let at = 0;
    while (at < values.length && values[at]! <= 1) at++;
    return { isRounded: false, isBinary: at === values.length, missing: -1 };
  }
  const floats = isFloats(values);
  const [low, high] = floats ? [-TOLERANCE, 1 + TOLERANCE] : [0, 255];
  let [isOutside, missing] = [false, -1];
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (value >= 0 && value <= 1) continue;
    if (value >= low && value <= high) {
      isOutside = true;
      continue;
    }
    if (Number.isNaN(value)) {
      if (missing < 0) missing = at;
      continue;
    }
    throw new LangevinError(
      "bad-file",
      `${name}: ${floats ? "floats must lie from 0 to 1" : "whole numbers must lie from 0 to 255"}, ` +
        `but there is ${value} at [${placeOf(at)}].`,
      "Scale them so that black is 0, and white 1 as a float or 255 as a whole number; or, for numbers that are not " +
        `pixels, take ${otherEncodings}.`,
    );
  }
  return { isRounded: floats && isOutside, isBinary: !floats && !isOutside, missing };
}

/**
 * Grey pixels of numbers of some range. Floats stay floats, and what leaves [0, 1] by a rounding error is clipped. Whole
 * numbers of every type are levels from 0 to 255; where only 0 and 1 occur, 1 is white.
 */
export function greyWithin(values: Numbers, { isRounded, isBinary }: GreyRange): Pixels {
  if (isFloats(values)) {
    if (values instanceof Float32Array && !isRounded) return values;
    const clipped = new Float32Array(values.length);
    for (let at = 0; at < values.length; at++) clipped[at] = Math.min(Math.max(values[at]!, 0), 1);
    return clipped;
  }
  if (isBinary) return whitened(values);
  return values instanceof Uint8Array ? values : new Uint8Array(values);
}

/**
 * Grey pixels of the numbers in a file, of which none may be missing.
 *
 * @param shape of the numbers, for errors
 * @throws bad-file, with the first number that is outside and its place
 */
export const greyOf = (values: Numbers, shape: readonly number[], name: string): Pixels =>
  greyWithin(
    values,
    greyRange(values, (at) => placeOf(at, shape), name),
  );

/** Levels of values 0 and 1. */
export function whitened(values: Numbers): Uint8Array {
  const levels = new Uint8Array(values.length);
  for (let at = 0; at < values.length; at++) levels[at] = 255 * values[at]!;
  return levels;
}

/** Grey levels of pixels, from 0 (black) to 255 (white), as they are shown and written to PNG files. */
export function greyLevels(pixels: Pixels): Uint8Array {
  if (pixels instanceof Uint8Array) return pixels;
  const levels = new Uint8Array(pixels.length);
  for (let at = 0; at < pixels.length; at++) levels[at] = Math.round(255 * pixels[at]!);
  return levels;
}

/** The indices of the element `at` in row-major order. */
export function placeOf(at: number, shape: readonly number[]): string {
  let rest = at;
  return shape
    .map((_, axis) => {
      const size = shape.slice(axis + 1).reduce((product, one) => product * one, 1);
      const index = Math.floor(rest / size);
      rest -= index * size;
      return index;
    })
    .join(", ");
}
