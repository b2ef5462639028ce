// Restoring damaged images: the distance from the originals, and plain baselines.
import type { Values } from "@neural-langevin/core";
import { countStates, requireInteger, requireLength } from "@neural-langevin/core/backend";
import { nearestNeighbours } from "./nearest-neighbours.js";
import type { PointSet } from "./points.js";

/**
 * Root mean square difference √⟨(φ_i − φ⁰_i)²⟩_i of every image's firing rates from those of its original, in
 * units of the rates' range of 2. Grey levels from 0 to 1 differ by half as much.
 *
 * @param rates φ of restored images, shape [images][units]
 * @param originals φ⁰, shape [originals][units]; where they are fewer than the images, they repeat
 * @param counted nonzero marks a unit that counts, shape [units]; all count unless given
 * @returns shape [images]
 * @throws wrong-length, invalid-value (no unit counts)
 */
export function restorationDistances(
  rates: Values,
  originals: Values,
  units: number,
  counted?: Uint8Array,
): Float64Array {
  requireInteger("units", units, 1);
  requireInteger("the number of originals", countStates(originals, units), 1);
  if (counted) requireLength("counted", counted, units);
  const places = [...Array(units).keys()].filter((unit) => counted?.[unit] !== 0);
  requireInteger("the number of units that count", places.length, 1);
  return Float64Array.from({ length: countStates(rates, units) }, (_, image) => {
    const at = image * units;
    const original = at % originals.length;
    let sum = 0;
    for (const unit of places) sum += (rates[at + unit]! - originals[original + unit]!) ** 2;
    return Math.sqrt(sum / places.length);
  });
}

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
