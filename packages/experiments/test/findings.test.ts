// The rules by which results are compared with the paper: every verdict, from made-up results on both sides of each
// threshold.
import { type Estimate, meanEstimate, type QualityEstimate } from "@neural-langevin/analysis";
import { chainNoise, type Integrator } from "@neural-langevin/core";
import { describe, expect, it } from "vitest";
import { findings as ageFindings } from "../src/age/findings.js";
import { findings as alongTraining } from "../src/along-training/findings.js";
import { findings as biasFindings } from "../src/bias/findings.js";
import { scales as biasScales, requireTimes } from "../src/bias/settings.js";
import { findings as classesFindings } from "../src/classes/findings.js";
import { findings as denoiseFindings } from "../src/denoise/findings.js";
import { estimatesAt, estimatesOf, numbersOfEstimates, overRuns } from "../src/estimates.js";
import type { Finding } from "../src/experiment.js";
import { findings as explorationFindings } from "../src/exploration/findings.js";
import { findings as fixedPointsFindings } from "../src/fixed-points/findings.js";
import type { OriginSearches, UpdateSearches } from "../src/fixed-points/measure.js";
import { origins } from "../src/fixed-points/settings.js";
import { meaningsIn } from "../src/format.js";
import { oneChain, oneSample } from "../src/index.js";
import type { JudgedImages } from "../src/judged.js";
import { findings as latentFindings } from "../src/latent/findings.js";
import type { LatentMachine } from "../src/latent/measure.js";
import { findings as memorisationFindings, transition } from "../src/memorisation/findings.js";
import { findings as regimesFindings } from "../src/regimes/findings.js";
import type { GenerationCurve } from "../src/regimes/measure.js";
import { findings as spectrumFindings } from "../src/spectrum/findings.js";
import { findings as startFindings } from "../src/start/findings.js";
import { allOf, anyOf, isAbove, isBelow, leastFits, not, verdictOf } from "../src/verdict.js";

const verdictsOf = (findings: readonly Finding[]) => findings.map(({ verdict }) => verdict);

/** A value with an error; exact unless given. */
const estimate = (value: number, standardError = 0): Estimate => ({ value, standardError });

/** Values with one error. */
const estimates = <Names extends string>(values: Record<Names, number>, standardError?: number) =>
  Object.fromEntries(
    Object.entries<number>(values).map(([name, value]) => [name, estimate(value, standardError)]),
  ) as Record<Names, Estimate>;

/** A quality with some measures. */
const quality = (
  given: Partial<Record<keyof QualityEstimate, number>> = {},
  standardError?: number,
): QualityEstimate =>
  estimates(
    {
      realAccuracy: 0.5,
      generatedAccuracy: 0.5,
      adversarialError: 0,
      covarianceError: 0.001,
      negativeShare: 0,
      ...given,
    },
    standardError,
  );

describe("a verdict", () => {
  it("says that one value is below another where two standard errors lie between them", () => {
    expect(isBelow(estimate(1, 0.1), estimate(2, 0.1))).toBe(true);
    expect(isBelow(estimate(2, 0.1), estimate(1, 0.1))).toBe(false);
    // 2·√(0.3² + 0.4²) = 1
    expect(isBelow(estimate(1, 0.3), estimate(2.01, 0.4))).toBe(true);
    expect(isBelow(estimate(1, 0.3), estimate(1.99, 0.4))).toBeUndefined();
    expect(isBelow(estimate(1), 1)).toBe(false);
    expect(isBelow(estimate(1, Number.NaN), 2)).toBeUndefined();
    expect(isAbove(estimate(1, 0.1), 0.5)).toBe(true);
    expect(isAbove(estimate(1, 0.1), 0.9)).toBeUndefined();
  });

  it("is the most that is sure", () => {
    const all = [true, undefined, false].flatMap((agrees) =>
      [true, undefined, false].map((partly) => verdictOf(agrees, partly)),
    );
    expect(all).toEqual([
      "yes",
      "yes",
      "yes",
      "partly",
      "unclear",
      "unclear",
      "partly",
      "unclear",
      "no",
    ]);
    expect([allOf(true, true), allOf(true, undefined), allOf(undefined, false)]).toEqual([
      true,
      undefined,
      false,
    ]);
    expect([anyOf(true, undefined), anyOf(undefined, false), anyOf(false)]).toEqual([
      true,
      undefined,
      false,
    ]);
    expect([not(true), not(undefined), not(false)]).toEqual([false, undefined, true]);
  });

  it("asks whether all, some or none of the places fit at which the least may lie", () => {
    const values = [3, 1.1, 1, 3].map((value) => estimate(value, 0.1));
    expect(leastFits(values, (place) => place === 1 || place === 2)).toBe(true);
    expect(leastFits(values, (place) => place === 2)).toBeUndefined();
    expect(leastFits(values, (place) => place === 0)).toBe(false);
  });
});

describe("numbers that were kept", () => {
  it("come back as they were, and without an error where none was kept", () => {
    const kept = numbersOfEstimates({ energy: estimate(2, 0.1), share: estimate(0.5, 0.2) });
    expect(kept).toEqual({ energy: 2, energy_error: 0.1, share: 0.5, share_error: 0.2 });
    expect(estimatesOf(["energy"], kept)).toEqual({ energy: estimate(2, 0.1) });
    expect(estimatesAt(["energy"], { energy: [1, 2], energy_error: [0.1, 0.2] }, 1)).toEqual({
      energy: estimate(2, 0.2),
    });
    expect(estimatesOf(["energy"], { energy: 2 })).toEqual({ energy: estimate(2, Number.NaN) });
  });
});

describe("symbols of findings", () => {
  it("are explained in one line each where they are used, and only there", () => {
    const lines = meaningsIn(["A_S is 0.5 ± 0.1", "the mean dwell time is 3"]);
    expect(Object.keys(lines)).toEqual(["±", "A_S"]);
  });
});

describe("numbers of several runs", () => {
  it("have the error between them, or that within them where it is larger", () => {
    expect(overRuns([estimate(1, 0.1), estimate(3, 0.1)])).toEqual(estimate(2, 1));
    expect(overRuns([estimate(2, 0.6), estimate(2, 0.8)])).toEqual(estimate(2, 0.5));
    expect(overRuns([estimate(2, 0.6)])).toEqual(estimate(2, 0.6));
  });
});

describe("regimes", () => {
  const steps = [1, 10, 100, 1000];
  const shown = {
    noise: quality({ covarianceError: 1 }),
    real: quality({ covarianceError: 0.01 }),
    films: [],
    width: 1,
    height: 1,
    noun: "images",
  } as const;
  const curve = (
    errors: readonly number[],
    given: Partial<GenerationCurve> = {},
    accuracies: readonly number[] = errors,
    standardError?: number,
  ): GenerationCurve => ({
    phase: "rdm-40",
    trainingSteps: 40,
    persistent: false,
    update: 100,
    qualities: errors.map((covarianceError, at) =>
      quality({ covarianceError, adversarialError: accuracies[at]! }, standardError),
    ),
    ...given,
  });
  const verdict = (one: GenerationCurve) =>
    verdictsOf(regimesFindings({ ...shown, steps, curves: [one] }));
  const persistent = { phase: "pcd-10", trainingSteps: 10, persistent: true };

  it.each([
    ["learns and stays", [1, 0.5, 0.2, 0.25], "yes"],
    ["learns and leaves", [1, 0.2, 0.3, 0.35], "no"],
    ["does not learn", [1, 0.9, 0.85, 0.85], "no"],
  ])("a persistent chain that %s: %s → %s", (_, errors, expected) => {
    expect(verdict(curve(errors as number[], persistent))).toEqual([expected]);
  });

  it.each([
    ["is best at the training length and leaves", [1, 0.5, 0.2, 0.5], undefined, "yes"],
    ["is best far from it", [1, 0.2, 0.3, 0.5], undefined, "partly"],
    ["is best there by E⁽²⁾, but not by AAI", [1, 0.5, 0.2, 0.5], [0.1, 0.2, 0.2, 0.2], "partly"],
    ["stays at its best", [1, 0.5, 0.2, 0.25], undefined, "no"],
    ["does not learn", [1, 0.95, 0.9, 2], undefined, "no"],
  ])("a machine of restarts that %s", (_, errors, accuracies, expected) => {
    expect(verdict(curve(errors, {}, accuracies))).toEqual([expected]);
  });

  it.each([
    ["0.26 and 0.30", persistent, [1, 0.5, 0.2, 0.26], "unclear"],
    ["what it learned and 0.8 of noise", persistent, [1, 0.9, 0.79, 0.79], "unclear"],
    ["0.2 and 0.35, which is no matter where it has left", persistent, [1, 0.2, 0.3, 0.9], "no"],
    ["the best and its neighbour", {}, [1, 0.22, 0.2, 0.7], "partly"],
    ["0.2 and 0.31, at 1.5 times", {}, [1, 0.5, 0.2, 0.31], "unclear"],
  ])("does not tell %s apart within an error of 0.03", (_, given, errors, expected) => {
    expect(verdict(curve(errors, given, errors, 0.03))).toEqual([expected]);
  });

  it("judges each training after its last update alone", () => {
    const curves = [
      curve([1, 0.9, 0.85, 0.85], { ...persistent, update: 10 }),
      curve([1, 0.5, 0.2, 0.2], { ...persistent, update: 100 }),
    ];
    const found = regimesFindings({ ...shown, steps, curves });
    expect(verdictsOf(found)).toEqual(["yes"]);
    expect(found[0]!.found).toContain("E⁽²⁾ is lowest, 0.2, after 100 steps");
  });
});

describe("memorisation", () => {
  const points = (
    rows: readonly (readonly [images: number, nearest: number, real: number, generated: number])[],
    standardError?: number,
  ) => ({
    points: rows.map(([images, nearest, realAccuracy, generatedAccuracy]) => ({
      ...quality({ realAccuracy, generatedAccuracy }, standardError),
      images,
      seed: 1,
      nearestRatio: estimate(nearest, standardError),
      memorised: estimate(0.15, standardError),
      heldOut: estimate(0.02, standardError),
      medianRatio: estimate(0.2, standardError),
      ratios: Float64Array.of(0.1, 0.2, 0.3),
    })),
  });

  it.each([
    ["memorised, then not, at the marked number", [0.4, 0.9, 1.2], "yes", "yes"],
    ["nearer, then less near", [0.5, 0.7, 0.8], "partly", "no"],
    ["memorised, and not forgotten", [0.4, 0.4, 0.5], "no", "no"],
    ["memorised far below the mark alone", [0.4, 1.5, 1.5], "yes", "partly"],
  ])("%s", (_, nearest, first, second) => {
    const rows = [5, 80, 400].map((images, at) => [images, nearest[at]!, 0, 0] as const);
    expect(verdictsOf(memorisationFindings(points(rows))).slice(0, 2)).toEqual([first, second]);
  });

  it.each([
    [[0.1, 0.1, 0.5, 0.5], "yes"],
    [[0.1, 0.4, 0.5, 0.5], "partly"],
    [[0.3, 0.4, 0.5, 0.5], "no"],
  ])("accuracies %j → %s", ([realFew, generatedFew, realMany, generatedMany], expected) => {
    const found = memorisationFindings(
      points([
        [5, 0.4, realFew!, generatedFew!],
        [400, 1.2, realMany!, generatedMany!],
      ]),
    );
    expect(found[2]!.verdict).toBe(expected);
  });

  it.each([
    ["as near to many as unseen images and nearly as near", [0.4, 0.9, 0.93], "partly", "no"],
    ["copies of few and half as near as unseen images", [0.48, 0.9, 1.1], "partly", "partly"],
    ["one and a half times as near to few and to many", [0.7, 0.9, 1.07], "unclear", "partly"],
  ])("within an error of 0.04 does not tell %s apart", (_, nearest, first, second) => {
    const rows = [5, 80, 400].map((images, at) => [images, nearest[at]!, 0, 0] as const);
    const found = memorisationFindings(points(rows, 0.04));
    expect(verdictsOf(found).slice(0, 2)).toEqual([first, second]);
  });

  it("claims no rise of accuracies that the errors leave open", () => {
    const found = memorisationFindings(
      points(
        [
          [5, 0.4, 0.2, 0.2],
          [400, 1.2, 0.47, 0.46],
        ],
        0.04,
      ),
    );
    expect(found[2]!.verdict).toBe("unclear");
  });

  it("reads the transition from a line over log P", () => {
    const falling = [
      { images: 10, value: estimate(1) },
      { images: 1000, value: estimate(0) },
    ];
    expect(transition(falling, 0.5).value).toBeCloseTo(100, 9);
    const rising = falling.map(({ images, value }) => ({
      images,
      value: estimate(1 - value.value),
    }));
    expect(transition(rising, 0.25).value).toBeCloseTo(10 ** 1.5, 9);
    expect(transition([{ images: 10, value: estimate(0.4) }, falling[1]!], 0.5).value).toBeNaN();
    expect(transition([falling[0]!], 0.5).value).toBeNaN();
  });

  it("has the error of a transition between values drawn anew", () => {
    const noise = chainNoise({ seed: 2, stream: 0, step: 0 }, 0, 2000);
    const values = (k: number) => [
      { images: 10, value: estimate(0.8 + 0.02 * (k < 0 ? 0 : noise[2 * k]!), 0.02) },
      { images: 1000, value: estimate(0.1 + 0.03 * (k < 0 ? 0 : noise[2 * k + 1]!), 0.03) },
    ];
    const drawn = Array.from({ length: 1000 }, (_, k) => transition(values(k), 0.5).value);
    const deviation = meanEstimate(drawn).standardError * Math.sqrt(drawn.length);
    expect(transition(values(-1), 0.5).standardError / deviation).toBeCloseTo(1, 1);
  });

  it("averages over seeds", () => {
    const few = points([
      [5, 0.6, 0, 0],
      [5, 0.2, 0, 0],
      [400, 1.2, 0, 0],
    ]);
    expect(memorisationFindings(few)[0]!.found).toContain("Samples are 0.4 ± 0.2 times as far");
  });
});

describe("classes", () => {
  it.each([
    [[0.95, 0.85], "yes"],
    [[0.95, 0.7], "partly"],
    [[0.95, 0.3], "no"],
    [[0.95, 0.81], "partly"],
    [[0.95, 0.41], "unclear"],
  ])("evenness %j → %s", (evenness, expected) => {
    const points = evenness.map((one, at) => ({
      ...quality({ adversarialError: 0.1 * at }, 0.01),
      classes: 2 + 4 * at,
      evenness: estimate(one, 0.02),
    }));
    const found = classesFindings({ points });
    expect(verdictsOf(found)).toEqual(["not-claimed", expected]);
    // √2·0.01/4
    expect(found[0]!.found).toContain("AAI changes by 0.025 ± 0.004 per class");
  });
});

describe("training with one chain", () => {
  const real = quality({ covarianceError: 0.001 });
  const untrained = { update: 0, quality: quality({ covarianceError: 0.1 }) };
  const result = (covarianceError: number, generatedAccuracy: number, error?: number) => ({
    name: "rdm-80",
    untrained,
    points: [
      {
        update: 9,
        quality: {
          ...quality({ covarianceError, generatedAccuracy }, error),
          negativeShare: estimate(0.5, 0.04),
        },
      },
    ],
    real,
    steps: 10,
    films: [],
    width: 1,
    height: 1,
  });

  it.each([
    [0.002, 0.8, "yes"],
    [0.002, 0.95, "partly"],
    [0.004, 0.8, "partly"],
    [0.004, 0.95, "no"],
  ])("E⁽²⁾ %d, A_T %d → %s", (covarianceError, generatedAccuracy, expected) => {
    const found = alongTraining(result(covarianceError, generatedAccuracy), "It learns.");
    expect(verdictsOf(found)).toEqual([expected, "not-claimed"]);
    expect(found[0]!.paper).toBe("It learns.");
    expect(found[1]!.found).toContain("50 ± 4 % of the images from noise are negatives");
  });

  it.each([
    [0.002, 0.85, "unclear"],
    [0.5, 0.85, "unclear"],
    [0.002, 0.8, "partly"],
    [0.5, 0.99, "no"],
  ])("E⁽²⁾ %d and A_T %d, both with an error of 0.04, → %s", (covariance, accuracy, expected) => {
    const { points, ...rest } = result(covariance, accuracy, 0.04);
    expect(verdictsOf(alongTraining({ ...rest, points }, "It learns."))[0]).toBe(expected);
  });

  it("names how it was trained", () => {
    const [online] = oneSample.findings({ feedbackOff: 20, trainings: [result(0.002, 0.8)] });
    expect(online!.paper).toContain("20 steps without feedback. Here the chain restarts");
    const negativePhase = {
      kind: "time-average",
      steps: 320,
      burnIn: 80,
      every: 8,
      feedbackOffSteps: 0,
    } as const;
    const [averaged] = oneChain.findings({ ...result(0.002, 0.8), negativePhase });
    expect(averaged!.paper).toContain("read 30 times in 320 steps, after a burn-in of 80");
  });
});

describe("spectrum", () => {
  it.each([
    [0.8, "yes"],
    [0.01, "no"],
  ])("asymmetry %d → %s", (learnedAsymmetry, expected) => {
    const point = {
      update: 0,
      spectrum: { real: Float64Array.of(0, 1), imaginary: Float64Array.of(2, 0) },
      radius: 2,
      largestReal: 1,
      norm: 3,
      biasNorm: 0,
      reciprocity: 0,
      learnedAsymmetry: Number.NaN,
    };
    const spectrum = { real: Float64Array.of(2.05, 0, 3), imaginary: Float64Array.of(0, 2.2, 0) };
    const found = spectrumFindings({
      points: [point, { ...point, update: 7, spectrum, learnedAsymmetry }],
    });
    expect(verdictsOf(found)).toEqual([expected, "not-claimed"]);
    expect(found[1]!.found).toContain("2 of 3 eigenvalues lie more than 5 % outside");
  });
});

describe("exploration", () => {
  /** Chains with these labels in turn, spread by a factor against images with standard deviation 1. */
  const result = (labels: readonly (readonly number[])[], spreads: readonly number[]) => {
    const kinds = [...new Set(labels.flat())];
    return {
      trajectories: labels.map((own, chain) => ({
        chain,
        labels: Uint8Array.from(own),
        along: spreads.map((spread) => Float64Array.of(-spread, spread)),
        changes: own.filter((label, at) => at > 0 && label !== own[at - 1]).length,
        entropy: 0,
      })),
      stays: kinds.map((label) => ({
        label,
        occupancy: 0,
        training: 0,
        dwellTime: estimate(2, 0.3),
        complete: [],
      })),
      images: spreads.map(() => Float64Array.of(-1, 1)),
      frameTime: 0.5,
      correlationTime: estimate(3, 0.2),
      negativeShare: estimate(0),
    };
  };

  it.each([
    ["most chains change class", 15, "yes"],
    ["more than a half change class, as chance could have it", 11, "partly"],
    ["some chains change class", 1, "partly"],
    ["no chain changes class", 0, "no"],
  ])("%s", (_, changing, expected) => {
    const labels = Array.from({ length: 20 }, (_, chain) =>
      chain < changing ? [1, 3] : [3, 3].fill(chain % 2 === 0 ? 1 : 3),
    );
    const found = explorationFindings(result(labels, [1, 1, 1]));
    expect(verdictsOf(found)).toEqual([expected, "yes", "not-claimed"]);
  });

  it.each([
    [[1, 0.6, 1.4], "yes"],
    [[1, 0.6, 2], "partly"],
    [[0.1, 0.4, 2], "no"],
  ])("spreads %j → %s", (spreads, expected) => {
    const labels = [
      [1, 3],
      [1, 3],
    ];
    const found = explorationFindings(result(labels, spreads));
    expect(found[1]!.verdict).toBe(expected);
    expect(found[2]!.found).toBe(
      "Mean dwell times are 2.0 ± 0.3 in class 1, 2.0 ± 0.3 in class 3 (units of time); the autocorrelation time of the first component is 3.0 ± 0.2.",
    );
  });
});

describe("exploration of few chains", () => {
  it("claims nothing of spreads that chance between chains explains", () => {
    const trajectories = [0.5, 1.5].map((spread, chain) => ({
      chain,
      labels: Uint8Array.of(1, 3),
      along: [Float64Array.of(-spread, spread)],
      changes: 1,
      entropy: 0,
    }));
    const found = explorationFindings({
      trajectories,
      stays: [],
      images: [Float64Array.of(-1, 1)],
      frameTime: 1,
      correlationTime: estimate(1),
      negativeShare: estimate(0),
    });
    expect(found[1]!.verdict).toBe("unclear");
  });
});

describe("fixed points", () => {
  const many = (value: number, count = 60) => new Array<number>(count).fill(value);
  const searches = (given: Partial<OriginSearches> = {}): OriginSearches => ({
    starts: new Float32Array(),
    ends: new Float32Array(),
    energies: { before: many(10), half: many(1), after: many(0) },
    reached: many(0),
    ...given,
  });
  const at = (
    update: number,
    data: OriginSearches,
    unstable: readonly number[] = [],
  ): UpdateSearches => ({
    update,
    byOrigin: Object.fromEntries(
      origins.map((origin) => [origin, origin === "data" ? data : searches({ reached: [-1, 1] })]),
    ) as UpdateSearches["byOrigin"],
    points: [],
    spectra: new Map(
      unstable.map((unstableDirections, point) => [
        point,
        {
          real: new Float64Array(),
          imaginary: new Float64Array(),
          stable: unstableDirections === 0,
          unstableDirections,
          largestRate: 0,
        },
      ]),
    ),
  });
  const energies = (before: number) => ({ before: many(before), half: many(1), after: many(0) });

  it.each([
    ["the energy falls and all descents end in fixed points", 0.5, many(1), "yes"],
    ["not all descents end in fixed points", 0.5, [...many(0), -1, ...many(-1)], "partly"],
    ["nearly all of few descents do", 0.5, [0, 1], "partly"],
    ["the energy falls little", 5, many(1), "partly"],
    ["the energy rises", 20, many(1), "no"],
  ])("%s", (_, before, reached, expected) => {
    const last = searches({ energies: energies(before), reached });
    const found = fixedPointsFindings({ searches: [at(0, searches()), at(9, last)] });
    expect(verdictsOf(found)).toEqual([expected, "not-claimed", "not-claimed", "not-claimed"]);
  });

  it("claims no fall of energies that scatter more", () => {
    const last = searches({ energies: { ...energies(0), before: [9, -40, 60, 8] } });
    const found = fixedPointsFindings({ searches: [at(0, searches()), at(9, last)] });
    expect(found[0]!.verdict).toBe("unclear");
  });

  it("counts different points, minima that are none, and stable points", () => {
    const resting = searches({
      energies: { before: [1, 1], half: [0.5, 0.5], after: [0.4999, 0.2] },
      reached: [-1, -1],
    });
    const found = fixedPointsFindings({
      searches: [at(0, searches()), at(9, resting, [0, 4, 2])],
    }).map((finding) => finding.found);
    expect(found[1]).toContain("0 from data, 1 from samples, 1 from noise at update 9");
    expect(found[2]).toContain("1 from data, 0 from samples, 0 from noise of 2 descents");
    expect(found[3]).toContain("1 of the 3 fixed points");
    expect(found[3]).toContain("the others have 3.0 ± 1.0 unstable directions on average");
  });

  it("does not speak of unstable points where all are stable", () => {
    const found = fixedPointsFindings({ searches: [at(0, searches()), at(9, searches(), [0])] });
    expect(found[3]!.found).toMatch(/^1 of the 1 fixed points .* are stable in dx\/dt = v\.$/);
  });
});

describe("denoise", () => {
  /** Enough damaged images that all of them are clearly more than 90 %. */
  const copies = (row: readonly number[]) =>
    Float64Array.from({ length: 60 }, (_, image) => row[image % row.length]!);
  const level = (given: {
    level: number;
    energies?: readonly number[][];
    distances?: readonly number[][];
    baseline?: readonly number[];
  }) => ({
    level: given.level,
    energies: (given.energies ?? [[2], [1]]).map((row) => Float64Array.from(row)),
    distances: (given.distances ?? [[0.5], [0.1]]).map(copies),
    baselines: { "median filter": copies(given.baseline ?? [0.5]), untouched: copies([0.5]) },
  });
  const judge = (...levels: ReturnType<typeof level>[]) =>
    denoiseFindings({ levels, shown: 0.25, steps: [0, 450] });

  it.each([
    ["energies fall and images come back", [[2], [1]], [[0.5], [0.1]], "yes"],
    ["an energy rises", [[2], [3]], [[0.5], [0.1]], "partly"],
    ["images come closer, but not back", [[2], [1]], [[0.9], [0.4]], "partly"],
    ["some images do not come back", [[2], [1]], [[0.5], [0.1, 0.1, 0.1, 0.1, 0.1, 0.3]], "partly"],
    ["images stay damaged", [[2], [1]], [[0.5], [0.4]], "no"],
    ["distances scatter more than they fall", [[2], [1]], [[0.9], [0, 0.8]], "unclear"],
  ])("%s", (_, energies, distances, expected) => {
    const found = judge(level({ level: 0.25, energies, distances }));
    expect(verdictsOf(found)).toEqual([expected, "not-claimed", "not-claimed"]);
  });

  it("counts rises between measurements, and levels up to which nearly all come back", () => {
    const found = judge(
      level({ level: 0, baseline: [0.4] }),
      level({
        level: 0.25,
        energies: [
          [3, 1],
          [1, 2],
          [2, 1],
        ],
      }),
      level({ level: 0.5, distances: [[0.5], [0.3]] }),
      level({ level: 0.75 }),
    ).map((finding) => finding.found);
    expect(found[0]).toContain("it rises in 2 of 4 cases");
    expect(found[1]).toBe(
      "At least 90 % of the images come back at every share up to 25 % (0.0 ± 1.6 % of them at 50 %).",
    );
    expect(found[2]).toContain("median filter, not even 0 %");
    expect(found[2]).not.toContain("untouched");
  });
});

describe("latent", () => {
  const code = (
    realAccuracy: number,
    generatedAccuracy: number,
    covarianceError: number,
    standardError?: number,
  ) =>
    estimates(
      { realAccuracy, generatedAccuracy, adversarialError: 0, covarianceError },
      standardError,
    );
  const machine = (last: ReturnType<typeof code>): LatentMachine => ({
    name: "MNIST",
    code: 20,
    loss: estimate(0.05, 0.001),
    machine: [code(1, 1, 9), last],
    real: code(0.5, 0.5, 0.01),
    normal: code(0.8, 0.8, 0.01),
    films: [],
    width: 1,
    height: 1,
  });

  it.each([
    ["both accuracies are near ½", code(0.6, 0.4, 9), "yes"],
    ["A_T is near ½ and the covariance is learned", code(0.9, 0.6, 0.02), "partly"],
    ["A_T is near ½ alone", code(0.9, 0.6, 0.04), "no"],
    ["samples do not fall among real ones", code(0.5, 0.9, 0.01), "no"],
    ["A_T may be as near to ½", code(0.6, 0.65, 9, 0.04), "unclear"],
    ["A_S may be as near to ½", code(0.65, 0.5, 9, 0.04), "unclear"],
  ])("%s", (_, last, expected) => {
    const found = latentFindings({ steps: [1, 100], machines: [machine(last)], missing: [] });
    expect(verdictsOf(found)).toEqual([expected]);
    expect(found[0]!.found).toContain("After 100 steps");
  });

  it("names what was not computed, and why", () => {
    const missing = [{ name: "Fashion-MNIST", reason: "There are no data at x." }];
    expect(latentFindings({ steps: [], machines: [], missing })).toEqual([
      {
        paper: "A machine on the codes of an autoencoder generates Fashion-MNIST.",
        found: "Fashion-MNIST was not computed. There are no data at x.",
        verdict: "not-run",
      },
    ]);
  });
});

describe("bias", () => {
  const steps = [0.01, 0.02, 0.04, 0.08];
  const points = (
    integrator: Integrator,
    biasOf: (dt: number) => number,
    diverged: number[] = [],
  ) =>
    steps.map((dt) =>
      diverged.includes(dt)
        ? {
            integrator,
            dt,
            ratio: estimate(Number.NaN),
            energy: estimate(Number.NaN),
            energies: [],
          }
        : {
            integrator,
            dt,
            ratio: estimate(1 + biasOf(dt), 0.001),
            energy: estimate(0.5 + dt / 2, 0.002),
            energies: [0.5, 0.5 + dt],
          },
    );

  it("fits the power of dt through points whose bias is clear, and claims nothing of the paper", () => {
    const found = biasFindings({
      points: [
        ...points("euler-maruyama", (dt) => 2 * dt),
        ...points("leimkuhler-matthews", () => 0.002),
      ],
    });
    expect(verdictsOf(found)).toEqual(["not-claimed", "not-claimed", "not-claimed"]);
    expect(found[0]!.found).toContain("At dt = 0.01, ⟨x·∇E⟩/(NT) is 1.0200 ± 0.0010 with Euler");
    expect(found[1]!.found).toContain("is 0.505 ± 0.002 at dt = 0.01 with Leimkuhler–Matthews");
    expect(found[2]!.found).toContain("grows as dt^p with p = 1.00 ± 0.02 with Euler–Maruyama");
    expect(found[2]!.found).toContain(
      "is too small compared with its error for a power of dt with L",
    );
  });

  it("leaves out step sizes at which chains diverged", () => {
    const found = biasFindings({
      points: [
        ...points("euler-maruyama", (dt) => 2 * dt, [0.08]),
        ...points("leimkuhler-matthews", (dt) => dt ** 2),
      ],
    });
    expect(found[2]!.found).toContain("1.0800 ± 0.0010 at dt = 0.04 with Euler–Maruyama");
  });

  it("names an integrator that diverged at every step size", () => {
    const found = biasFindings({
      points: [
        ...points("euler-maruyama", (dt) => dt, steps),
        ...points("leimkuhler-matthews", (dt) => dt ** 2),
      ],
    });
    expect(found).toHaveLength(1);
    expect(found[0]!.found).toBe("Euler–Maruyama diverged at every step size.");
  });
});

/** What the judge finds, with some measures. */
const judged = (given: Partial<JudgedImages> = {}): JudgedImages => ({
  energy: estimate(0.5),
  legible: estimate(0.5, 0.03),
  rarest: estimate(0.2, 0.03),
  inverted: estimate(0),
  empty: estimate(0),
  frechetDistance: estimate(30, 1),
  ...given,
});

describe("age", () => {
  const lengths = [10, 100, 1000, 10_000];
  const verdict = (age: number, distances: readonly number[]) =>
    verdictsOf(
      ageFindings({
        curves: [
          {
            age,
            points: lengths.map((steps, at) => ({
              ...judged({ frechetDistance: estimate(distances[at]!, 1) }),
              steps,
            })),
          },
        ],
      }),
    );

  it.each([
    ["is best at the age and leaves", 300, [90, 50, 20, 40], "yes"],
    ["is best at the age and stays", 300, [90, 50, 20, 25], "partly"],
    ["may have left", 300, [90, 50, 20, 31], "partly"],
    ["may be best at the age or far from it", 30, [90, 21, 20, 40], "unclear"],
    ["is best far from the age", 30, [90, 50, 20, 40], "no"],
    ["is best at the last length, which is the age", 10_000, [90, 50, 40, 20], "partly"],
  ] as const)("a machine that %s", (_, age, distances, expected) => {
    expect(verdict(age, distances)).toEqual([expected]);
  });
});

describe("start", () => {
  it("claims nothing for the paper, and names the most legible start and every softest direction", () => {
    const curve = (couplings: "gaussian" | "antisymmetric", gain: number, legible: number) => ({
      name: `${couplings}-${gain}`,
      couplings,
      gain,
      "step-size": 0.1,
      before: Float64Array.of(couplings === "gaussian" ? 0.001 : 17, 17, 25),
      after: Float64Array.of(1, 2, 3),
      points: [{ update: 10, flop: 2e12, ...judged({ legible: estimate(legible, 0.03) }) }],
    });
    const found = startFindings({
      curves: [curve("gaussian", 2, 0.1), curve("antisymmetric", 4, 0.7)],
    });
    expect(verdictsOf(found)).toEqual(["not-claimed", "not-claimed"]);
    expect(found[0]!.found).toContain("The most legible start is antisymmetric with g = 4.");
    const close = startFindings({
      curves: [curve("gaussian", 2, 0.65), curve("antisymmetric", 4, 0.7)],
    });
    expect(close[0]!.found).toContain(
      "antisymmetric with g = 4, within the errors of gaussian with g = 2.",
    );
    expect(found[1]!.found).toContain("gaussian with g = 2 0.001 (1 below 0.1)");
    expect(found[1]!.found).toContain("antisymmetric with g = 4 17 (0 below 0.1)");
  });
});

describe("the times of bias", () => {
  it("are those of its scales, and others are refused with the setting and its value", () => {
    for (const settings of Object.values(biasScales)) requireTimes(settings);
    for (const [given, message] of [
      [{ between: 0 }, "The setting between of bias must be a time of at least the largest step"],
      [{ burnIn: -1 }, "The setting burnIn of bias must be a time of at least 0, not -1."],
      [
        { states: 1.5 },
        "The setting states of bias must be a whole number of at least 2, not 1.5.",
      ],
      [{ stepSizes: [0.1, 0] }, "The setting stepSizes of bias must be numbers above 0, not 0."],
    ] as const) {
      expect(() => requireTimes({ ...biasScales.quick, ...given })).toThrow(message);
    }
  });
});
