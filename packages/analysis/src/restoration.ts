// Plain baselines for restoring damaged images.
import type { Values } from "@neural-langevin/core";
import { requireInteger, requireLength } from "@neural-langevin/core/backend";
import { nearestNeighbours } from "./nearest-neighbours.js";
import type { PointSet } from "./points.js";

/**
 * The nearest stored pattern of every image.
 *
 * @returns shape of the images
 * @throws wrong-length, invalid-value
 */
export function nearestPatterns(images: PointSet, patterns: PointSet): Float64Array {
  const { dimension } = patterns;
  const { indices } = nearestNeighbours(images, patterns, 1);
  const restored = new Float64Array(images.values.length);
  indices.forEach((pattern, image) => {
    const start = pattern * dimension;
    restored.set(patterns.values.subarray(start, start + dimension), image * dimension);
  });
  return restored;
}

/**
 * Median of every pixel and its eight neighbours; the pixels at the border are repeated outwards.
 *
 * @param image shape [height][width]
 * @returns shape [height][width]
 * @throws wrong-length, invalid-value
 */
export function medianFilter(image: Values, width: number): Float64Array {
  requireInteger("width", width, 1);
  const height = Math.ceil(image.length / width);
  requireLength("image", image, width * height);
  const within = (place: number, size: number) => Math.min(Math.max(place, 0), size - 1);
  const window = new Float64Array(9);
  return Float64Array.from(image, (_, at) => {
    const [row, column] = [Math.floor(at / width), at % width];
    for (let k = 0; k < 9; k++) {
      const y = within(row + Math.floor(k / 3) - 1, height);
      const x = within(column + (k % 3) - 1, width);
      window[k] = image[y * width + x]!;
    }
    return window.sort()[4]!;
  });
}
