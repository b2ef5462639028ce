// The part of an image that is to be completed: a named half, the centre, or what is white in a PNG file.
import { LangevinError } from "@neural-langevin/core";
import { greyLevels } from "@neural-langevin/datasets";
import { type Eye, readImageFile } from "./image-files.js";

type Place = (row: number, column: number, height: number, width: number) => boolean;

/** Whether the centre of a pixel lies in the middle half of a side. */
const middle = (at: number, size: number): boolean => Math.abs(at + 0.5 - size / 2) < size / 4;

const parts: Readonly<Record<string, Place>> = {
  top: (row, _, height) => row < height / 2,
  bottom: (row, _, height) => row >= height / 2,
  left: (_, column, __, width) => column < width / 2,
  right: (_, column, __, width) => column >= width / 2,
  center: (row, column, height, width) => middle(row, height) && middle(column, width),
};

/** The named parts, in the order in which they are shown. */
export const maskNames = Object.keys(parts);

/**
 * The masked units, 1 where a unit is to be completed, shape [N].
 *
 * @param mask a name, or a PNG file that is white where an image is to be completed
 * @throws invalid-value when it masks nothing or everything; what reading the file throws
 */
export async function readMask(
  mask: string,
  eye: Eye,
  size: { width: number; height: number },
): Promise<Uint8Array> {
  const { width, height } = size;
  const part = Object.hasOwn(parts, mask) ? parts[mask] : undefined;
  const masked = part
    ? Uint8Array.from({ length: width * height }, (_, at) =>
        Number(part(Math.floor(at / width), at % width, height, width)),
      )
    : greyLevels((await readImageFile(mask, eye)).pixels).map((level) => Number(level >= 128));
  const count = masked.reduce((sum, one) => sum + one, 0);
  if (count === 0 || count === masked.length) {
    throw new LangevinError(
      "invalid-value",
      `The mask ${mask} covers ${count === 0 ? "no pixel" : "every pixel"} of the image.`,
      "White is what is completed, and black is what is known.",
    );
  }
  return masked;
}
