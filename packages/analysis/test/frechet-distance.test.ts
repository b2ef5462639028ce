// The Fréchet distance of normal distributions, where it is known.
import { chainNoise } from "@neural-langevin/core";
import { describe, expect, it } from "vitest";
import { frechetDistance, frechetReference, type PointSet, points } from "../src/index.js";
import { codeOf } from "./known.js";

type Two = readonly [number, number];
/** Four points with exactly this mean and, of the rows of A, the covariance AAᵀ. */
const moments = ([x, y]: Two, [[a, b], [c, d]]: readonly [Two, Two]): PointSet => {
  const r = Math.sqrt(1.5);
  const at = (u: number, v: number) => [x + a * u + b * v, y + c * u + d * v];
  return points(Float64Array.from([at(r, 0), at(-r, 0), at(0, r), at(0, -r)].flat()), 2);
};
const normal = (draw: number, count: number, dimension: number, shift: number, scale: number) =>
  points(
    chainNoise({ seed: 3, stream: 0, step: draw }, 0, count * dimension).map(
      (z, at) => shift + scale * (1 + (at % dimension) / dimension) * z,
    ),
    dimension,
  );

const between = (a: PointSet, b: PointSet) => frechetDistance(a, frechetReference(b));

describe("the Fréchet distance", () => {
  it("is the distance of means plus that of deviations along common axes", () => {
    const a = moments(
      [0, 0],
      [
        [2, 0],
        [0, 1],
      ],
    );
    const b = moments(
      [3, -1],
      [
        [0.5, 0],
        [0, 4],
      ],
    );
    expect(between(a, b).value).toBeCloseTo(10 + 1.5 ** 2 + 3 ** 2, 10);
    expect(between(b, a).value).toBeCloseTo(10 + 1.5 ** 2 + 3 ** 2, 10);
  });

  it("has tr √(Σ_a Σ_b) = √(tr Σ_a Σ_b + 2 √det Σ_a Σ_b) in two dimensions", () => {
    // Σ_a = [[5, 2], [2, 1]], Σ_b = [[10, 1], [1, 5]]; det 1 and 49, tr Σ_a Σ_b = 59.
    const a = moments(
      [0, 0],
      [
        [2, 1],
        [1, 0],
      ],
    );
    const b = moments(
      [0, 0],
      [
        [3, 1],
        [-1, 2],
      ],
    );
    const [traces, product] = [5 + 1 + 10 + 5, 50 + 2 * -1 * 2 + 5];
    expect(between(a, b).value).toBeCloseTo(traces - 2 * Math.sqrt(product + 2 * 7), 10);
  });

  it("is 0 from a set to itself, also of fewer points than dimensions", () => {
    const set = normal(0, 20, 64, 1, 1);
    expect(between(set, set).value).toBeLessThan(1e-9);
  });

  it("has the standard error that repeated draws have", () => {
    const estimates = Array.from({ length: 60 }, (_, draw) =>
      between(normal(2 * draw, 150, 4, 0, 1), normal(2 * draw + 1, 150, 4, 0.3, 1.5)),
    );
    const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
    const values = estimates.map(({ value }) => value);
    const deviation = Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
    const ratio = mean(estimates.map(({ standardError }) => standardError)) / deviation;
    expect(ratio).toBeGreaterThan(0.75);
    expect(ratio).toBeLessThan(1.35);
  });

  it("refuses points of different spaces", () => {
    expect(codeOf(() => between(normal(0, 9, 2, 0, 1), normal(0, 9, 3, 0, 1)))).toBe(
      "wrong-length",
    );
  });
});
