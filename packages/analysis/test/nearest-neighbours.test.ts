// The filtered search finds what the comparison of all pairs finds, also where distances tie, points repeat,
// or sizes are ragged.
import { chainNoise } from "@neural-langevin/core";
import { describe, expect, it } from "vitest";
import { nearestNeighbours, searchAll, searchFiltered } from "../src/nearest-neighbours.js";
import { canFilter } from "../src/neighbour-filter.js";
import { type PointSet, points } from "../src/points.js";

const noise = (chain: number, count: number, dimension: number) =>
  chainNoise({ seed: 4, stream: 0, step: 0 }, chain, count * dimension);
const cloud = (chain: number, count: number, dimension: number): PointSet =>
  points(Float32Array.from(noise(chain, count, dimension), Math.tanh), dimension);

const cases: Record<string, [PointSet, PointSet]> = {
  noise: [cloud(0, 200, 100), cloud(1, 531, 100)],
  "one dimension": [cloud(0, 7, 1), cloud(1, 300, 1)],
  "fewer points than a tile": [cloud(0, 2, 33), cloud(1, 5, 33)],
  "a grid full of ties": [
    points(noise(0, 300, 3).map(Math.round), 3),
    points(noise(1, 600, 3).map(Math.round), 3),
  ],
  "points far from the origin": [
    points(
      noise(0, 50, 20).map((value) => 1e6 + 1e-3 * value),
      20,
    ),
    points(
      noise(1, 300, 20).map((value) => 1e6 + 1e-3 * value),
      20,
    ),
  ],
  "tiny values": [
    points(
      noise(0, 50, 20).map((value) => 1e-30 * value),
      20,
    ),
    points(
      noise(1, 300, 20).map((value) => 1e-30 * value),
      20,
    ),
  ],
  "queries far from all references": [
    points(
      noise(0, 50, 20).map((value) => 1e5 + value),
      20,
    ),
    cloud(1, 300, 20),
  ],
  "references that come nearer one by one": [
    points(new Float64Array(40), 20),
    points(
      Float64Array.from({ length: 600 * 20 }, (_, at) => 600 - Math.floor(at / 20)),
      20,
    ),
  ],
  "one point, many times": [
    points(new Float32Array(60).fill(2), 3),
    points(new Float32Array(90).fill(2), 3),
  ],
};

describe("the filtered search", () => {
  it("runs here", () => expect(canFilter()).toBe(true));

  it.each(Object.keys(cases))("finds what comparing all pairs finds: %s", (name) => {
    const [queries, references] = cases[name]!;
    for (const k of [1, 2, 5]) {
      const found = searchFiltered(queries, references, k, false);
      const expected = searchAll(queries, references, k, false);
      expect(found.indices).toEqual(expected.indices);
      expect(found.squaredDistances).toEqual(expected.squaredDistances);
    }
    const within = searchFiltered(references, references, 1, true);
    expect(within.indices).toEqual(searchAll(references, references, 1, true).indices);
  });

  it("is the one that large searches use, in batches", () => {
    const [queries, references] = [cloud(0, 4200, 40), cloud(1, 700, 40)];
    const { indices } = nearestNeighbours(queries, references, 1);
    expect(indices).toEqual(searchAll(queries, references, 1, false).indices);
  });
});
