// Grey images with their labels, as they come from a file.
import { LangevinError } from "@neural-langevin/core";

/** Images of one size. */
export interface ImageSet {
  readonly width: number;
  readonly height: number;
  readonly count: number;
  /** 0 is black, 255 white; shape [count][height][width]. */
  readonly pixels: Uint8Array;
  /** One label per image, where there are labels. */
  readonly labels: Uint8Array | undefined;
  /** Where the images come from, in words. */
  readonly source: string;
}

/** The images at some places, in that order. */
export function pickImages(set: ImageSet, places: ArrayLike<number>): ImageSet {
  const size = set.width * set.height;
  const pixels = new Uint8Array(places.length * size);
  for (let row = 0; row < places.length; row++) {
    const start = places[row]! * size;
    pixels.set(set.pixels.subarray(start, start + size), row * size);
  }
  const labels = set.labels && Uint8Array.from(places, (place) => set.labels![place]!);
  return { ...set, count: places.length, pixels, labels };
}

/** The failure of a file that is not what its format promises. */
export const badFile = (name: string, problem: string): LangevinError =>
  new LangevinError("bad-file", `${name}: ${problem}.`);
