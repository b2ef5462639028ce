// Images and masks for a machine in PNG and NPY files.
import { stat } from "node:fs/promises";
import { basename, join, parse } from "node:path";
import { LangevinError } from "@neural-langevin/core";
import {
  type ImageFile,
  type ImageShape,
  namedMask,
  parseImageFile,
  requireMask,
  whiteMask,
} from "@neural-langevin/datasets";
import { ifMissing } from "@neural-langevin/datasets/node";
import { readWhole } from "./whole-file.js";

/**
 * Reads files of images that a machine can see.
 *
 * @throws not-found, bad-file, unsupported, invalid-value (another size); unavailable
 */
export async function readImageFiles(
  files: readonly string[],
  shape: ImageShape,
): Promise<ImageFile[]> {
  // One after the other: a thousand files are more than a process may open at once.
  const images: ImageFile[] = [];
  for (const file of files) images.push(parseImageFile(await readWhole(file), file, shape));
  return images;
}

/** What an image is called: its file, with a number where the file has several. */
export const imageNames = (files: readonly ImageFile[]): string[] =>
  files.flatMap(({ file, count }) =>
    count === 1
      ? [parse(file).base]
      : Array.from({ length: count }, (_, at) => `${parse(file).base}[${at}]`),
  );

/**
 * Reads the images that belong to some others: a file when there is one of them, else a folder with files of the
 * same names.
 *
 * @throws not-found, bad-file, unsupported, invalid-value (another size or number); unavailable
 */
export async function readCounterparts(
  path: string,
  of: readonly ImageFile[],
  shape: ImageShape,
): Promise<ImageFile[]> {
  const entry = await stat(path).catch(ifMissing(path, undefined));
  if (of.length > 1 && entry && !entry.isDirectory()) {
    throw new LangevinError(
      "invalid-value",
      `${path} is one file, but there are ${of.length} images to compare.`,
      "Name a folder with files of the same names.",
    );
  }
  const named = of.map(({ file }) => (entry?.isDirectory() ? join(path, basename(file)) : path));
  const found = await readImageFiles(named, shape);
  const other = found.findIndex(({ count }, at) => count !== of[at]!.count);
  if (other < 0) return found;
  throw new LangevinError(
    "invalid-value",
    `The numbers of images differ: in ${of[other]!.file}: ${of[other]!.count}, but in ${named[other]}: ` +
      `${found[other]!.count}.`,
  );
}

/**
 * The masked pixels, 1 where an image is to be completed, shape [height][width].
 *
 * @param mask a name of `maskNames`, or a file that is white where an image is to be completed
 * @throws invalid-value when it masks nothing or everything; what `readImageFiles` throws (not-found, bad-file,
 *   unsupported, unavailable)
 */
export async function readMask(
  mask: string,
  shape: ImageShape,
  size: { readonly width: number; readonly height: number },
): Promise<Uint8Array> {
  const masked =
    namedMask(mask, size) ?? whiteMask((await readImageFiles([mask], shape))[0]!.pixels);
  requireMask(masked, mask);
  return masked;
}
