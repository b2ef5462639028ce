// The same questions to this package and to NumPy, SciPy and scikit-learn, where a Python has them:
// NLM_PYTHON, or python3.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { chainNoise } from "@neural-langevin/core";
import { describe, expect, it } from "vitest";
import { autocovariance } from "../src/autocorrelation.js";
import { splitRhat } from "../src/convergence.js";
import {
  adversarialAccuracy,
  classMix,
  covarianceError,
  eigenvalues,
  findFixedPoints,
  hopfieldNetwork,
  jacobian,
  medianFilter,
  memorisedShare,
  nearestNeighbours,
  principalComponents,
  stability,
} from "../src/index.js";
import { normalQuantile } from "../src/normal-quantile.js";
import { set } from "./known.js";

const rows = (chain: number, count: number, length: number, scale = 1): number[][] =>
  Array.from({ length: count }, (_, row) => [
    ...chainNoise({ seed: 11, stream: 0, step: row }, chain, length).map((value) => scale * value),
  ]);
const given = {
  real: rows(0, 200, 12).map((row) => row.map((value, i) => value / (i + 1))),
  generated: rows(1, 200, 12).map((row) => row.map((value, i) => value / (i + 0.8))),
  labels: Array.from({ length: 200 }, (_, row) => row % 3),
  matrix: rows(2, 40, 40, 1 / Math.sqrt(40)),
  bias: rows(3, 1, 40)[0]!,
  start: rows(3, 1, 40)[0]!,
  chains: rows(4, 3, 301).map((chain, k) => chain.map((value) => k * 0.1 + Math.sinh(value))),
  probabilities: [1e-9, 0.001, 0.074, 0.076, 0.3, 0.5, 0.7, 0.99],
  patterns: rows(5, 6, 30).map((row) => row.map((value) => (value > 0 ? 1 : -1))),
  image: rows(6, 9, 11),
};

const { status, stdout, stderr, error } = spawnSync(
  process.env.NLM_PYTHON ?? "python3",
  [fileURLToPath(new URL("scientific-python.py", import.meta.url))],
  { input: JSON.stringify(given), encoding: "utf8", maxBuffer: 2 ** 26 },
);
const lacking = error !== undefined || /ModuleNotFoundError/.test(stderr);
const why = lacking ? ` (unavailable: ${error?.message ?? stderr.trim().split("\n").at(-1)})` : "";

describe.skipIf(lacking)(`NumPy, SciPy and scikit-learn${why}`, () => {
  // biome-ignore lint/suspicious/noExplicitAny: each test knows the form of its answer
  const answers: any = status === 0 ? JSON.parse(stdout) : undefined;
  const [real, generated] = [set(given.real), set(given.generated)];
  const flat = (values: number[][]) => Float64Array.from(values.flat());
  const expectClose = (found: ArrayLike<number>, expected: number[], digits = 10) => {
    expect(found.length).toBe(expected.length);
    expected.forEach((value, at) => {
      expect(found[at]).toBeCloseTo(value, digits);
    });
  };
  const network = { units: 40, couplings: flat(given.matrix), bias: Float64Array.from(given.bias) };

  it("answer", () => expect(stderr).toBe(""));

  it("agree on nearest neighbours, copies and adversarial accuracy", () => {
    const { indices, squaredDistances } = nearestNeighbours(generated, real, 2);
    expect([...indices]).toEqual(answers.indices.flat());
    expectClose(squaredDistances.map(Math.sqrt), answers.distances.flat());
    expect(memorisedShare(generated, real).share.value).toBe(answers.memorised);
    const { real: own, generated: other } = adversarialAccuracy(real, generated);
    expectClose([own, other], answers.shares);
  });

  it("agree on covariances and principal components", () => {
    expect(covarianceError(real, generated)).toBeCloseTo(answers.covarianceError, 12);
    const { variances, components, project } = principalComponents(real, 3);
    expectClose(variances, answers.variances);
    expectClose(components, answers.components.flat());
    expectClose(project(generated), answers.coordinates.flat());
  });

  it("agree on classes by a majority of five", () => {
    const { labels } = classMix(generated, real, Uint8Array.from(given.labels), 5);
    // Ties are decided otherwise there, so votes of 2 : 2 : 1 may differ.
    const same = labels.filter((label, point) => label === answers.classes[point]).length;
    expect(same / labels.length).toBeGreaterThan(0.75);
  });

  it("agree on eigenvalues", () => {
    const { real: re, imaginary } = eigenvalues(network.couplings);
    const expected = (answers.eigenvalues as [number, number][]).sort(
      (a, b) => b[0] - a[0] || b[1] - a[1],
    );
    expect(re.length).toBe(40);
    re.forEach((value, at) => {
      const near = ([a, b]: [number, number]) => Math.hypot(a - value, b - imaginary[at]!) < 1e-10;
      expect(expected.filter(near).length).toBe(1);
    });
  });

  it("agree on a fixed point and its stability", () => {
    const { states, count } = findFixedPoints(network, Float64Array.from(given.start));
    expect(count).toBe(1);
    expectClose(states, answers.fixedPoint, 9);
    const { largestRate } = stability(eigenvalues(jacobian(network, states)));
    expect(largestRate).toBeCloseTo(answers.largestRate, 9);
  });

  it("agree on autocovariance, quantiles and R̂", () => {
    expectClose(autocovariance(Float64Array.from(given.chains[0]!)), answers.autocovariance);
    expectClose(given.probabilities.map(normalQuantile), answers.quantiles, 12);
    const rhat = splitRhat(given.chains.map((chain) => Float64Array.from(chain)));
    expectClose([rhat.bulk, rhat.tail], [answers.rhatBulk, answers.rhatTail]);
  });

  it("agree on the projection rule and the median filter", () => {
    const { couplings } = hopfieldNetwork(set(given.patterns), "projection");
    expectClose(couplings, answers.projection.flat());
    expectClose(medianFilter(flat(given.image), 11), answers.median.flat(), 15);
  });
});
