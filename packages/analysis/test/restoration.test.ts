// The baselines: Hopfield networks, the nearest pattern, the median.
import { chainNoise } from "@neural-langevin/core";
import { describe, expect, it } from "vitest";
import {
  hopfieldNetwork,
  hopfieldRecall,
  medianFilter,
  nearestPatterns,
  points,
} from "../src/index.js";
import { codeOf, set } from "./known.js";

const random = (count: number, units: number) => {
  const values = new Float64Array(count * units);
  for (let row = 0; row < count; row++) {
    values.set(chainNoise({ seed: 3, stream: 0, step: 0 }, row, units), row * units);
  }
  return points(values.map(Math.sign), units);
};
const row = (of: { values: Float32Array | Float64Array; dimension: number }, index: number) =>
  Float64Array.from(of.values.slice(index * of.dimension, (index + 1) * of.dimension));
const flipped = (state: Float64Array, flips: number) =>
  state.map((value, i) => (i < flips ? -value : value));

describe("a Hopfield network", () => {
  it("couples units by Hebb's rule", () => {
    const { couplings } = hopfieldNetwork(
      set([
        [1, -1, 1],
        [1, 1, 1],
      ]),
      "hebbian",
    );
    expect([...couplings].map((value) => Math.round(3 * value) || 0)).toEqual([
      0, 0, 2, 0, 0, 0, 2, 0, 0,
    ]);
  });

  it.each(["asynchronous", "synchronous"] as const)("brings damaged patterns back: %s", (order) => {
    const patterns = random(8, 128);
    const network = hopfieldNetwork(patterns, "hebbian");
    for (let index = 0; index < 8; index++) {
      const pattern = row(patterns, index);
      const recall = hopfieldRecall(network, flipped(pattern, 13), { order });
      expect(recall.converged).toBe(true);
      expect(recall.state).toEqual(pattern);
    }
  });

  it("keeps correlated patterns by the projection rule that Hebb's rule mixes up", () => {
    const base = row(random(2, 100), 0);
    const patterns = points(
      Float64Array.from({ length: 500 }, (_, at) => {
        const [pattern, unit] = [Math.floor(at / 100), at % 100];
        return Math.floor(unit / 10) === pattern ? -base[unit]! : base[unit]!;
      }),
      100,
    );
    const stays = (rule: "hebbian" | "projection") => {
      const network = hopfieldNetwork(patterns, rule);
      return [0, 1, 2, 3, 4].filter((index) => {
        const pattern = row(patterns, index);
        return hopfieldRecall(network, pattern).state.every((value, i) => value === pattern[i]);
      }).length;
    };
    expect(stays("projection")).toBe(5);
    expect(stays("hebbian")).toBe(0);
  });

  it("is the projection on its patterns but for the diagonal", () => {
    const patterns = random(5, 40);
    const { couplings } = hopfieldNetwork(patterns, "projection");
    for (let index = 0; index < 5; index++) {
      const pattern = row(patterns, index);
      const diagonals = pattern.map((value, i) => {
        const field = pattern.reduce((sum, s, j) => sum + couplings[i * 40 + j]! * s, 0);
        return 1 - field * value;
      });
      // Wξ = ξ − diag·ξ, with the same removed diagonal for every pattern; its sum is the rank.
      expect(diagonals.reduce((sum, value) => sum + value, 0)).toBeCloseTo(5, 10);
    }
  });

  it("may go round and round when all units change at once, and says so", () => {
    const network = { units: 2, couplings: Float64Array.of(0, 1, 1, 0) };
    const recall = hopfieldRecall(network, Float64Array.of(1, -1), { order: "synchronous" });
    expect(recall.converged).toBe(false);
    expect(hopfieldRecall(network, Float64Array.of(1, -1)).converged).toBe(true);
  });

  it("refuses dependent patterns under the projection rule", () => {
    expect(
      codeOf(() =>
        hopfieldNetwork(
          set([
            [1, -1],
            [1, -1],
          ]),
          "projection",
        ),
      ),
    ).toBe("invalid-value");
  });
});

describe("plain restoration", () => {
  it("takes the nearest pattern", () => {
    const patterns = set([
      [0, 0],
      [5, 5],
    ]);
    expect([
      ...nearestPatterns(
        set([
          [4, 4],
          [1, 0],
        ]),
        patterns,
      ),
    ]).toEqual([5, 5, 0, 0]);
  });

  it("takes the median of nine, with the border repeated", () => {
    const image = Float64Array.of(1, 2, 3, 4, 90, 6, 7, 8, 9);
    expect([...medianFilter(image, 3)]).toEqual([2, 3, 3, 4, 6, 6, 7, 8, 9]);
    expect(codeOf(() => medianFilter(image, 2))).toBe("wrong-length");
  });
});
