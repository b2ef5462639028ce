// What several experiments draw alike.
import {
  type DataSet,
  decodeStates,
  type Encoding,
  encodeImages,
  greyLevels,
  isImageSet,
  pictureSize,
  shapeOf,
} from "@neural-langevin/datasets";
import {
  type FilmRow,
  filmStrip,
  imageGrid,
  type Picture,
  type Series,
} from "@neural-langevin/figures";

/** A value to compare with, as a dashed line. */
export const levelLine = (name: string, x: readonly number[], value: number): Series => ({
  name,
  x,
  y: x.map(() => value),
  dashed: true,
});

/** Picture pixels per image pixel, so that an image is about `size` pixels wide. */
export const zoomTo = (size: number, width: number): number =>
  Math.max(1, Math.round(size / width));

/** How large a sample is drawn, in pixels: an image as it is, other numbers with their last axis across. */
export const sizeOfPicture = (set: DataSet): { width: number; height: number } =>
  pictureSize(shapeOf(set));

/** What samples are called. */
export const nounOf = (set: DataSet): "images" | "samples" =>
  isImageSet(set) ? "images" : "samples";

/** Grey levels of samples, shape [count][height][width]; those of numbers that are no pixels lie in the encoding's range. */
export const levelsOf = (set: DataSet, encoding: Encoding): Uint8Array =>
  isImageSet(set) ? greyLevels(set.pixels) : decodeStates(encodeImages(set, encoding), encoding);

/**
 * Rows of chains over time, the first of which has the name.
 *
 * @param frames states x of the chains at each moment, shape [chains][units]
 */
export function filmsOfChains(
  name: string,
  frames: readonly Float32Array[],
  units: number,
  encoding: Encoding,
): FilmRow[] {
  return Array.from({ length: frames[0]!.length / units }, (_, chain) => {
    const pixels = new Uint8Array(frames.length * units);
    frames.forEach((states, moment) => {
      const state = states.subarray(chain * units, (chain + 1) * units);
      pixels.set(decodeStates(state, encoding), moment * units);
    });
    return { name: chain === 0 ? name : "", pixels };
  });
}

/** Images in rows, without headings over the columns. */
export function imageRows(film: {
  readonly title: string;
  readonly rows: readonly FilmRow[];
  readonly width: number;
  readonly height: number;
  /** About how wide an image is drawn. */
  readonly size: number;
}): string {
  const { title, rows, width, height, size } = film;
  return filmStrip({
    title,
    width,
    height,
    rows,
    columns: Array.from({ length: rows[0]!.pixels.length / (width * height) }, () => ""),
    scale: zoomTo(size, width),
  });
}

/**
 * The first images in columns and rows, each about 28 pixels wide; grey levels of shape [images][height][width].
 *
 * @throws invalid-value, for no image; wrong-length
 */
export function smallImages(
  pixels: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  columns: number,
  rows: number,
): Picture {
  const shown = pixels.subarray(0, columns * rows * width * height);
  const scale = zoomTo(28, Math.max(width, height));
  return imageGrid({ pixels: shown, width, height, columns, scale });
}
