// Statistics, quality and distances against cases that can be worked out by hand.
import { chainNoise } from "@neural-langevin/core";
import { describe, expect, it } from "vitest";
import {
  adversarialAccuracy,
  covarianceError,
  formatEstimate,
  formatShare,
  jackknife,
  leastSquaresSlope,
  mean,
  meanEstimate,
  median,
  medianEstimate,
  negativeShare,
  points,
  quality,
  qualityEstimate,
  restorationDistances,
  shareEstimate,
  slopeEstimate,
} from "../src/index.js";
import { codeOf, fixture, set } from "./known.js";

describe("statistics", () => {
  it("of 1, 2, 3, 4, 10 are the textbook's", () => {
    expect(mean([1, 2, 3, 4, 10])).toBe(4);
    // Σ(x − 4)² = 50, over 4 and over 5.
    expect(meanEstimate(Float32Array.of(1, 2, 3, 4, 10))).toEqual({
      value: 4,
      standardError: Math.sqrt(2.5),
    });
  });

  it("have errors that cover the truth as often as a normal distribution says", () => {
    const covered = Array.from({ length: 400 }, (_, chain) => {
      const { value, standardError } = meanEstimate(
        chainNoise({ seed: 4, stream: 0, step: 0 }, chain, 100),
      );
      return Math.abs(value) < standardError ? 1 : 0;
    });
    // 68.3 % of means lie within one standard error; 400 of them tell it to within 2.3 %.
    expect(Math.abs(mean(covered) - 0.683)).toBeLessThan(0.07);
  });

  it("find the slope of a line, also where points lie beside it in balance", () => {
    expect(leastSquaresSlope([0, 1, 2, 3], [1, 3, 5, 7])).toBe(2);
    expect(leastSquaresSlope([0, 0, 4, 4], [-1, 1, 1, 3])).toBe(0.5);
    // b = Σ(x − x̄)y/Σ(x − x̄)² = (y₂ − y₀)/2, of which each end has an error of 0.6 and 0.8.
    const ends = [1, 3, 5].map((value, at) => ({ value, standardError: [0.6, 9, 0.8][at]! }));
    expect(slopeEstimate([0, 1, 2], ends)).toEqual({ value: 2, standardError: 0.5 });
  });

  it("of a mean by the jackknife are those of the mean, also in groups", () => {
    const values = [...chainNoise({ seed: 3, stream: 0, step: 0 }, 0, 60)];
    const direct = meanEstimate(values);
    const whole = jackknife(values, mean, 60);
    expect(whole.value).toBe(direct.value);
    expect(whole.standardError).toBeCloseTo(direct.standardError, 12);
    expect(jackknife(values, mean).standardError / direct.standardError).toBeCloseTo(1, 0);
    expect(jackknife([1], mean)).toEqual({ value: 1, standardError: Number.NaN });
  });

  it("have a median between both halves, whose error is that of medians drawn anew", () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([])]).toEqual([2, 3, Number.NaN]);
    expect(medianEstimate([5])).toEqual({ value: 5, standardError: Number.NaN });
    const drawn = Array.from({ length: 300 }, (_, chain) =>
      medianEstimate(chainNoise({ seed: 6, stream: 0, step: 0 }, chain, 101)),
    );
    const values = drawn.map(({ value }) => value);
    const deviation = meanEstimate(values).standardError * Math.sqrt(values.length);
    // √(π/2)/√101 for normal values; 300 draws tell it to within 4 %.
    expect(deviation).toBeCloseTo(Math.sqrt(Math.PI / 2 / 101), 1);
    const claimed = mean(drawn.map(({ standardError }) => standardError));
    expect(claimed / deviation).toBeGreaterThan(0.85);
    expect(claimed / deviation).toBeLessThan(1.15);
  });

  it("show as many digits as their errors let count", () => {
    const shown = (value: number, standardError: number) =>
      formatEstimate({ value, standardError });
    expect(shown(0.58213, 0.0472)).toBe("0.58 ± 0.05");
    expect(shown(0.58213, 0.0142)).toBe("0.582 ± 0.014");
    expect(shown(-1234.5, 31)).toBe("-1235 ± 31");
    expect(shown(-1234.56, 1.27)).toBe("-1234.6 ± 1.3");
    expect(shown(2.2e-3, 3.1e-4)).toBe("0.0022 ± 0.0003");
    expect([shown(0.5, Number.NaN), shown(0.5, 0)]).toEqual(["0.5", "0.5"]);
    expect(formatShare({ value: 0.432, standardError: 0.051 })).toBe("43 ± 5 %");
    // Of nothing there is no share.
    expect(formatShare(shareEstimate(0, 0))).toBe("– %");
    expect(formatShare({ value: 0.432, standardError: 0.0051 })).toBe("43.2 ± 0.5 %");
  });
});

describe("quality", () => {
  const known = fixture("metrics") as Record<"real" | "generated", number[][]>;
  const [real, generated] = [set(known.real), set(known.generated)];

  it("has the known accuracies and covariance error", () => {
    const found = quality(generated, real);
    expect(found.realAccuracy).toBe(0.6);
    expect(found.generatedAccuracy).toBe(0.65);
    expect(found.adversarialError).toBeCloseTo(0.01625, 12);
    expect(found.covarianceError).toBe(covarianceError(real, generated));
  });

  it("is ½ and ½ for two sets of one distribution, and 0 and 0 for copies", () => {
    const normals = (first: number) =>
      set(
        Array.from({ length: 400 }, (_, chain) => [
          ...chainNoise({ seed: 5, stream: 0, step: 0 }, first + chain, 3),
        ]),
      );
    const alike = quality(normals(0), normals(400));
    // Shares of 400 points are sure to about 0.03.
    expect(Math.abs(alike.realAccuracy - 0.5)).toBeLessThan(0.1);
    expect(Math.abs(alike.generatedAccuracy - 0.5)).toBeLessThan(0.1);
    expect(alike.covarianceError).toBeLessThan(0.02);
    expect(quality(real, real)).toMatchObject({
      realAccuracy: 0,
      generatedAccuracy: 0,
      adversarialError: 0.25,
      covarianceError: 0,
    });
  });

  it("compares as many points of each set as the smaller one has, the first ones", () => {
    const fewer = points(generated.values.slice(0, 10 * generated.dimension), generated.dimension);
    const first = points(real.values.slice(0, 10 * real.dimension), real.dimension);
    expect(quality(fewer, real)).toEqual(quality(fewer, first));
    expect(quality(fewer, real).adversarialError).toBe(adversarialAccuracy(first, fewer).error);
  });

  it("refuses points of two spaces", () => {
    expect(codeOf(() => quality(points(new Float64Array(80), 2), real))).toBe("wrong-length");
  });

  it("counts images that are brighter than mid-grey as negatives", () => {
    const images = set([
      [-1, -1, 0.9],
      [1, 1, -0.9],
      [0.5, -0.5, 0],
      [1, -0.5, -0.4],
    ]);
    expect(negativeShare(images)).toBe(0.5);
    expect(quality(images, images).negativeShare).toBe(0.5);
  });
});

describe("errors of the quality", () => {
  const COUNT = 120;
  const DIMENSION = 10;
  const COLUMNS = Array.from({ length: DIMENSION }, (_, at) => at);
  let drawn = 0;
  /** Points of two modes, as wide as `spread` says. */
  const draw = (spread: number) =>
    set(
      Array.from({ length: COUNT }, () => {
        const noise = chainNoise({ seed: 8, stream: 0, step: 0 }, drawn++, DIMENSION + 1);
        const mode = noise[DIMENSION]! > 0 ? 0.6 : -0.6;
        return COLUMNS.map((at) => Math.tanh(spread * noise[at]! + mode));
      }),
    );
  const deviation = (values: readonly number[]) =>
    meanEstimate(values).standardError * Math.sqrt(values.length);

  // The deviation of 150 draws is sure to 6 %, and the root mean square of 40 errors to about as much.
  it.each([
    ["one distribution", 1, 1.8],
    ["a narrower one", 0.75, 1.4],
    ["a wider one", 1.3, 1.4],
  ])("are the deviations between sets that are drawn anew: %s", (_, spread, most) => {
    const draws = Array.from({ length: 150 }, () => [draw(spread), draw(1)] as const);
    const measured = draws.map(([generated, real]) => quality(generated, real));
    const estimates = draws
      .slice(0, 40)
      .map(([generated, real]) => qualityEstimate(generated, real));
    const ratioOf = (
      name: "realAccuracy" | "generatedAccuracy" | "adversarialError" | "covarianceError",
    ) => {
      const squares = estimates.map((estimate) => estimate[name].standardError ** 2);
      return Math.sqrt(mean(squares)) / deviation(measured.map((one) => one[name]));
    };
    for (const name of ["realAccuracy", "generatedAccuracy"] as const) {
      expect(ratioOf(name), name).toBeGreaterThan(0.8);
      expect(ratioOf(name), name).toBeLessThan(1.25);
    }
    // Where both sets are alike, AAI and E⁽²⁾ are flat, and their errors are on the safe side.
    for (const name of ["adversarialError", "covarianceError"] as const) {
      expect(ratioOf(name), name).toBeGreaterThan(0.75);
      expect(ratioOf(name), name).toBeLessThan(most);
    }
    expect(estimates[0]!.covarianceError.value).toBe(measured[0]!.covarianceError);
  });

  it("do not depend on the order in which labels take turns", () => {
    const turns = (offset: number) =>
      set(
        Array.from({ length: COUNT }, (_, point) =>
          COLUMNS.map((at) =>
            at === point % DIMENSION ? 1 : 0.01 * ((point * 7 + at + offset) % 5),
          ),
        ),
      );
    const { realAccuracy } = qualityEstimate(turns(0), turns(3));
    // Groups of one label each would be alike.
    expect(realAccuracy.standardError).toBeGreaterThan(0);
  });

  it("are unknown for fewer than 4 points", () => {
    const few = set([[0], [1], [2]]);
    const { realAccuracy, covarianceError: second } = qualityEstimate(few, few);
    expect([realAccuracy.standardError, second.standardError]).toEqual([Number.NaN, Number.NaN]);
  });
});

describe("the distance of restored images", () => {
  it("is the root mean square over the units that count", () => {
    const rates = Float64Array.of(1, -1, 0, 0);
    const original = Float64Array.of(-1, -1, 0, 1);
    expect([...restorationDistances(rates, original, 4)]).toEqual([Math.sqrt(5 / 4)]);
    expect([...restorationDistances(rates, original, 4, Uint8Array.of(0, 0, 1, 1))]).toEqual([
      Math.sqrt(1 / 2),
    ]);
  });

  it("compares every image with its original, and repeats originals that are fewer", () => {
    const originals = Float64Array.of(0, 0, 1, 1);
    const rates = Float64Array.of(0, 0, 1, 1, 1, 1, 0, 0);
    expect([...restorationDistances(rates, originals, 2)]).toEqual([0, 0, 1, 1]);
  });

  it("is refused to ragged images, and where no unit counts", () => {
    const two = new Float64Array(2);
    expect(codeOf(() => restorationDistances(new Float64Array(3), two, 2))).toBe("wrong-length");
    expect(codeOf(() => restorationDistances(two, new Float64Array(0), 2))).toBe("invalid-value");
    expect(codeOf(() => restorationDistances(two, two, 2, new Uint8Array(2)))).toBe(
      "invalid-value",
    );
  });
});
