// Many small grey images as one picture.
import { LangevinError } from "@neural-langevin/core";
import { requireInteger, requireLength } from "@neural-langevin/core/backend";
import { encode } from "fast-png";

/** A picture as a PNG file. */
export interface Picture {
  /** Width of the picture in pixels. */
  readonly width: number;
  /** Height of the picture in pixels. */
  readonly height: number;
  /** The bytes of the PNG file. */
  readonly png: Uint8Array;
}

/** Images to be put into a grid. */
export interface ImageGrid {
  /** 0 is black, 255 white; shape [count][height][width]. */
  readonly pixels: Uint8Array;
  /** Width of one image in its own pixels. */
  readonly width: number;
  /** Height of one image in its own pixels. */
  readonly height: number;
  /** Images in a row. */
  readonly columns: number;
  /** Picture pixels per image pixel; 1 unless given. */
  readonly scale?: number;
  /** Picture pixels between images; 1 unless given. */
  readonly gap?: number;
  /** The grey between images; 96 unless given. */
  readonly between?: number;
}

/**
 * Draws images row by row, enlarged without smoothing, with a thin grey line between them.
 *
 * @throws invalid-value, wrong-length
 */
export function imageGrid(grid: ImageGrid): Picture {
  const drawn = gridPixels(grid);
  const { width, height } = drawn;
  return { width, height, png: encode({ ...drawn, channels: 1, depth: 8 }) };
}

/**
 * The grey pixels of a grid, shape [height][width].
 *
 * @throws invalid-value, wrong-length
 */
export function gridPixels(grid: ImageGrid): { width: number; height: number; data: Uint8Array } {
  const { pixels, width, height, columns, scale = 1, gap = 1, between = 96 } = grid;
  for (const [name, value] of Object.entries({ width, height, columns, scale })) {
    requireInteger(name, value, 1);
  }
  requireInteger("gap", gap, 0);
  const count = Math.floor(pixels.length / (width * height));
  requireLength("pixels", pixels, count * width * height);
  if (count === 0) throw new LangevinError("invalid-value", "A grid needs at least one image.");
  const rows = Math.ceil(count / columns);
  const cell = { width: width * scale + gap, height: height * scale + gap };
  const picture = {
    width: columns * cell.width - gap,
    height: rows * cell.height - gap,
  };
  const data = new Uint8Array(picture.width * picture.height).fill(between);
  for (let image = 0; image < count; image++) {
    const left = (image % columns) * cell.width;
    const top = Math.floor(image / columns) * cell.height;
    for (let y = 0; y < height * scale; y++) {
      const row = (image * height + Math.floor(y / scale)) * width;
      const at = (top + y) * picture.width + left;
      for (let x = 0; x < width * scale; x++) data[at + x] = pixels[row + Math.floor(x / scale)]!;
    }
  }
  return { ...picture, data };
}
