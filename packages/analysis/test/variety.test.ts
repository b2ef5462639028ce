// Variety within classes and distance from training points, in exact cases and against repeated draws.
import { chainNoise } from "@neural-langevin/core";
import { describe, expect, it } from "vitest";
import {
  type Estimate,
  nearestDistance,
  nearestDistanceRatio,
  points,
  withinClassVarianceRatio,
} from "../src/index.js";
import { codeOf, set } from "./known.js";

const normal = (draw: number, count: number, dimension: number, scale: number) =>
  points(
    chainNoise({ seed: 4, stream: 0, step: draw }, 0, count * dimension).map((z) => scale * z),
    dimension,
  );

/** The mean standard error of some estimates over their deviation. */
const calibration = (estimates: Estimate[]) => {
  const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
  const values = estimates.map(({ value }) => value);
  const deviation = Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
  return mean(estimates.map(({ standardError }) => standardError)) / deviation;
};

describe("variance within a class", () => {
  const real = set([[0], [2], [10], [14]]); // variances 2 and 8
  const realLabels = Uint8Array.of(1, 1, 3, 3);

  it("is compared class by class, and weighed by what was generated", () => {
    // Class 1: variance 1 of 3 points. Class 3: variance 2 of 2 points. The last shows nothing.
    const generated = set([[5], [6], [7], [20], [22], [90]]);
    const labels = Int8Array.of(1, 1, 1, 3, 3, -1);
    const { value } = withinClassVarianceRatio(generated, labels, real, realLabels);
    expect(value).toBeCloseTo((3 * (1 / 2) + 2 * (2 / 8)) / 5, 12);
  });

  it("is 1 of the real points, 0 of a prototype, and nothing of single points", () => {
    const ratio = (generated: number[][], labels: Int8Array) =>
      withinClassVarianceRatio(set(generated), labels, real, realLabels).value;
    expect(ratio([[0], [2], [10], [14]], Int8Array.of(1, 1, 3, 3))).toBe(1);
    expect(ratio([[7], [7], [7]], Int8Array.of(1, 1, 1))).toBe(0);
    expect(ratio([[7], [8], [9]], Int8Array.of(1, 3, -1))).toBeNaN();
  });

  it("wants real points of every class", () => {
    const ratio = () =>
      withinClassVarianceRatio(set([[1], [2]]), Int8Array.of(5, 5), real, realLabels);
    expect(codeOf(ratio)).toBe("invalid-value");
  });

  it("has the standard error that repeated draws have", () => {
    const large = normal(1000, 4000, 3, 1);
    const estimates = Array.from({ length: 200 }, (_, draw) =>
      withinClassVarianceRatio(
        normal(draw, 100, 3, 0.7),
        new Int8Array(100),
        large,
        new Int8Array(4000),
      ),
    );
    expect(estimates[0]!.value).toBeGreaterThan(0.3);
    expect(Math.abs(calibration(estimates) - 1)).toBeLessThan(0.15);
  });
});

describe("the distance to training points", () => {
  it("is 0 of copies and 1 of the held-out points themselves", () => {
    const [training, heldOut] = [set([[0], [10], [20]]), set([[1], [12]])];
    const real = nearestDistance(heldOut, training);
    expect(real.value).toBe(1.5);
    expect(nearestDistanceRatio(training, training, real).value).toBe(0);
    expect(nearestDistanceRatio(heldOut, training, real).value).toBe(1);
    expect(nearestDistanceRatio(set([[3], [13], [23]]), training, real).value).toBe(2);
  });

  it("has the standard error that repeated draws have", () => {
    const training = normal(2000, 300, 5, 1);
    const estimates = Array.from({ length: 200 }, (_, draw) => {
      const real = nearestDistance(normal(500 + draw, 120, 5, 1), training);
      return nearestDistanceRatio(normal(draw, 80, 5, 1.2), training, real);
    });
    expect(Math.abs(calibration(estimates) - 1)).toBeLessThan(0.15);
  });
});
