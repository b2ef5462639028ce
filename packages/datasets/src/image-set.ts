// Grey images with their labels, as they come from a file.
import { LangevinError } from "@neural-langevin/core";
import type { Pixels } from "./grey.js";

/** Images of one size. */
export interface ImageSet {
  readonly width: number;
  readonly height: number;
  readonly count: number;
  /** Levels from 0 (black) to 255 (white), or floats from 0 to 1; shape [count][height][width]. */
  readonly pixels: Pixels;
  /** One label per image, where there are labels. */
  readonly labels: Uint8Array | undefined;
  /** What labels are called, where they have names: label k is `classes[k]`. */
  readonly classes?: readonly string[];
  /** Where the images come from, in words. */
  readonly source: string;
}

/** The images at some places, in that order. */
export function pickImages(set: ImageSet, places: ArrayLike<number>): ImageSet {
  const size = set.width * set.height;
  const length = places.length * size;
  const pixels =
    set.pixels instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
  for (let row = 0; row < places.length; row++) {
    const start = places[row]! * size;
    pixels.set(set.pixels.subarray(start, start + size), row * size);
  }
  const labels = set.labels && Uint8Array.from(places, (place) => set.labels![place]!);
  return { ...set, count: places.length, pixels, labels };
}

/**
 * Refuses images in which all pixels are equal: there is nothing to learn, and they come of a wrong scale or file.
 *
 * @throws bad-file
 */
export function requireContrast({ pixels, count, source }: ImageSet): void {
  const [first] = pixels;
  for (let at = 1; at < pixels.length; at++) if (pixels[at] !== first) return;
  throw new LangevinError(
    "bad-file",
    `Every pixel of ${source} is ${first}, in ${count === 1 ? "its one image" : `all ${count} images`}.`,
    "Images need at least two different values: check how they were scaled.",
  );
}

/** The failure of a file that is not what its format promises. */
export const badFile = (name: string, problem: string, remedy?: string): LangevinError =>
  new LangevinError("bad-file", `${name}: ${problem}.`, remedy);
