// A file of images for a machine: PNG or NPY, of the size that the machine sees.
import { LangevinError } from "@neural-langevin/core";
import { recognizeFormat } from "./format.js";
import type { Pixels } from "./grey.js";
import { type NpyArray, parseNpy } from "./npy.js";
import { parsePng } from "./png.js";
import { imagesFromNpy } from "./samples.js";

/** Images of one file: one of a PNG file, any number of an NPY file. */
export interface ImageFile {
  /** The file's name. */
  readonly file: string;
  /** What its bytes are. */
  readonly format: "PNG" | "NPY";
  /** How many images there are. */
  readonly count: number;
  /** Width of each image in pixels. */
  readonly width: number;
  /** Height of each image in pixels. */
  readonly height: number;
  /** Levels from 0 (black) to 255 (white), or floats from 0 to 1; shape [count][height][width]. */
  readonly pixels: Pixels;
}

/** What a machine sees: so many pixels, and images of this size where it is known. */
export interface ImageShape {
  /** The machine's name, for errors. */
  readonly machine: string;
  /** How many pixels an image has. */
  readonly pixels: number;
  /** Their layout; undefined where only their number is known. */
  readonly image: { readonly width: number; readonly height: number } | undefined;
}

/**
 * Reads a PNG or NPY file of images that a machine can see.
 *
 * @param file the file's name, for errors
 * @throws bad-file, unsupported, invalid-value (another size)
 */
export function parseImageFile(bytes: Uint8Array, file: string, shape: ImageShape): ImageFile {
  const isNpy = recognizeFormat(bytes, file) === "npy";
  const images = isNpy
    ? imagesFromNpy(withCount(parseNpy(bytes, file), shape), file)
    : { count: 1, ...parsePng(bytes, file) };
  const { count, width, height, pixels } = images;
  const fits = shape.image
    ? shape.image.width === width && shape.image.height === height
    : width * height === shape.pixels;
  if (!fits) {
    const seen = shape.image ? `${shape.image.width} × ${shape.image.height}` : `${shape.pixels}`;
    throw new LangevinError(
      "invalid-value",
      `${file} has ${width} × ${height} pixels, but the machine ${shape.machine} sees ${seen}.`,
      "Scale the image to that size, or name another machine.",
    );
  }
  return { file, format: isNpy ? "NPY" : "PNG", count, width, height, pixels };
}

/** One image of shape [height][width] as a list of one, where the machine's size says that it is one. */
function withCount(array: NpyArray, { image }: ImageShape): NpyArray {
  const isOne = image && `${array.shape}` === `${image.height},${image.width}`;
  return isOne ? { ...array, shape: [1, ...array.shape] } : array;
}
