// Images that a command is given as PNG and NPY files, all of the size that a machine sees.
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { LangevinError } from "@neural-langevin/core";
import {
  imagesFromNpy,
  type NpyArray,
  type Pixels,
  parseNpy,
  parsePng,
  recognizeFormat,
} from "@neural-langevin/datasets";
import { readWhole } from "@neural-langevin/runs/node";

/** Images of one file: one of a PNG file, any number of an NPY file. */
export interface ImageFile {
  readonly file: string;
  readonly format: "PNG" | "NPY";
  readonly count: number;
  readonly width: number;
  readonly height: number;
  /** Levels from 0 (black) to 255 (white), or floats from 0 to 1; shape [count][height][width]. */
  readonly pixels: Pixels;
}

/** What a machine sees: so many units, and an image of this size where it is known. */
export interface ImageShape {
  readonly machine: string;
  readonly units: number;
  readonly image: { readonly width: number; readonly height: number } | undefined;
}

/**
 * Reads a file of images that a machine can see.
 *
 * @throws not-found, bad-file, unsupported, invalid-value (another size)
 */
export async function readImageFile(file: string, shape: ImageShape): Promise<ImageFile> {
  const bytes = await readWhole(file);
  const isNpy = recognizeFormat(bytes, file) === "npy";
  const images = isNpy
    ? imagesFromNpy(withCount(parseNpy(bytes, file), shape), file)
    : { count: 1, ...parsePng(bytes, file) };
  const { count, width, height, pixels } = images;
  const fits = shape.image
    ? shape.image.width === width && shape.image.height === height
    : width * height === shape.units;
  if (!fits) {
    const seen = shape.image ? `${shape.image.width} × ${shape.image.height}` : `${shape.units}`;
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

/**
 * Reads the images that belong to some others: a file when there is one of them, else a folder with files of the
 * same names.
 *
 * @throws not-found, bad-file, unsupported, invalid-value (another size or number)
 */
export async function readCounterparts(
  path: string,
  of: readonly ImageFile[],
  shape: ImageShape,
): Promise<ImageFile[]> {
  const entry = await stat(path).catch(() => undefined);
  if (of.length > 1 && entry && !entry.isDirectory()) {
    throw new LangevinError(
      "invalid-value",
      `${path} is one file, and there are ${of.length} images to compare.`,
      "Name a folder with files of the same names.",
    );
  }
  // One after the other, as the images themselves: a thousand files are more than a process may open at once.
  const found: ImageFile[] = [];
  for (const { file, count } of of) {
    const counterpart = entry?.isDirectory() ? join(path, basename(file)) : path;
    const images = await readImageFile(counterpart, shape);
    if (images.count !== count) {
      throw new LangevinError(
        "invalid-value",
        `The numbers of images differ: in ${file}: ${count}, but in ${counterpart}: ${images.count}.`,
      );
    }
    found.push(images);
  }
  return found;
}
