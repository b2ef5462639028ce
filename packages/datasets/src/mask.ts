// The part of an image that is to be completed: a named half, the centre, or what is white in another image.
import { LangevinError } from "@neural-langevin/core";
import { greyLevels, type Pixels } from "./grey.js";

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
 * A named part of an image.
 *
 * @returns 1 where a pixel belongs to it, shape [height][width]; undefined for a name that is none of `maskNames`
 */
export function namedMask(
  name: string,
  { width, height }: { readonly width: number; readonly height: number },
): Uint8Array | undefined {
  const part = Object.hasOwn(parts, name) ? parts[name] : undefined;
  return (
    part &&
    Uint8Array.from({ length: width * height }, (_, at) =>
      Number(part(Math.floor(at / width), at % width, height, width)),
    )
  );
}

/** What is white in an image, or nearer to white than to black: 1 there, shape [height][width]. */
export const whiteMask = (pixels: Pixels): Uint8Array =>
  greyLevels(pixels).map((level) => Number(level >= 128));

/**
 * Refuses a mask that covers nothing or everything.
 *
 * @param masked shape [pixels]
 * @param name the mask's name, for errors
 * @throws invalid-value
 */
export function requireMask(masked: Uint8Array, name: string): void {
  const count = masked.reduce((sum, one) => sum + one, 0);
  if (count > 0 && count < masked.length) return;
  throw new LangevinError(
    "invalid-value",
    `The mask ${name} covers ${count === 0 ? "no pixel" : "every pixel"} of the image.`,
    "White is what is completed, and black is what is known.",
  );
}
