// Autocorrelation times, sample sizes and R̂ against exact cases and arviz.
import { chainNoise } from "@neural-langevin/core";
import { describe, expect, it } from "vitest";
import {
  autocorrelation,
  autocovariance,
  effectiveSampleSize,
  integratedTime,
} from "../src/autocorrelation.js";
import { bulkEffectiveSampleSize, splitRhat } from "../src/convergence.js";
import { timeAverage, virialRatio } from "../src/equilibrium.js";
import { normalQuantile } from "../src/normal-quantile.js";
import { codeOf, fixture } from "./known.js";

const { ar1, ar1Coefficient, ar1IntegratedTime } = fixture("metrics");
const chains = [0, 1, 2, 3].map((k) => Float64Array.from(ar1.slice(1000 * k, 1000 * (k + 1))));
const cases: Record<string, Float64Array[]> = {
  plain: chains,
  shifted: chains.map((chain, k) => (k === 0 ? chain.map((value) => value + 1.5) : chain)),
  scaled: chains.map((chain, k) => (k === 1 ? chain.map((value) => value * 2.5) : chain)),
  odd: chains.map((chain) => chain.slice(0, 333)),
};
const noise = (chain: number, length: number) =>
  chainNoise({ seed: 1, stream: 0, step: 0 }, chain, length);

describe("autocovariance", () => {
  it("is the sum that defines it", () => {
    const series = Float64Array.from(ar1.slice(0, 37));
    const mean = series.reduce((sum, value) => sum + value, 0) / 37;
    const found = autocovariance(series);
    for (let lag = 0; lag < 37; lag++) {
      let sum = 0;
      for (let at = 0; at + lag < 37; at++)
        sum += (series[at]! - mean) * (series[at + lag]! - mean);
      expect(found[lag]).toBeCloseTo(sum / 37, 12);
    }
  });

  it("of an AR(1) process falls as its coefficient's powers", () => {
    const correlation = autocorrelation(Float64Array.from(ar1));
    for (let lag = 0; lag < 5; lag++) {
      expect(Math.abs(correlation[lag]! - ar1Coefficient ** lag)).toBeLessThan(0.08);
    }
  });
});

describe("integrated autocorrelation time", () => {
  it("of an AR(1) process is (1 + a)/(1 − a)", () => {
    // The estimate's relative error is √(2(2M + 1)/n) with a window M of a few τ: about 15 %.
    expect(integratedTime([Float64Array.from(ar1)]) / ar1IntegratedTime).toBeGreaterThan(0.7);
    expect(integratedTime([Float64Array.from(ar1)]) / ar1IntegratedTime).toBeLessThan(1.3);
  });

  it("of independent numbers is 1", () => {
    expect(Math.abs(integratedTime([noise(0, 20_000), noise(1, 20_000)]) - 1)).toBeLessThan(0.06);
  });

  it("of chains that never change has no end", () => {
    expect(integratedTime([new Float64Array(10).fill(3)])).toBe(Number.POSITIVE_INFINITY);
    expect(effectiveSampleSize([new Float64Array(10).fill(3)])).toBe(0);
  });

  it("of chains in different places is that of the whole run", () => {
    const apart = [noise(0, 1000), noise(1, 1000).map((value) => value + 100)];
    expect(effectiveSampleSize(apart)).toBeLessThan(5);
  });
});

describe("convergence diagnostics", () => {
  it.each(Object.keys(cases))("are those of arviz: %s", (name) => {
    const expected = fixture("convergence")[name];
    const rhat = splitRhat(cases[name]!);
    // Where no pair of correlations is negative, arviz leaves the last few lags out.
    const tolerance = name === "plain" || name === "scaled" ? 1e-9 : 0.01;
    const close = (a: number, b: number) => expect(Math.abs(a / b - 1)).toBeLessThan(tolerance);
    close(effectiveSampleSize(cases[name]!), expected.ess);
    close(bulkEffectiveSampleSize(cases[name]!), expected.bulk);
    expect(rhat.bulk).toBeCloseTo(expected.rhatBulk, 10);
    expect(rhat.tail).toBeCloseTo(expected.rhatTail, 10);
    expect(rhat.value).toBe(Math.max(rhat.bulk, rhat.tail));
  });

  it("refuse chains that are ragged, short or not finite", () => {
    expect(codeOf(() => splitRhat([noise(0, 8), noise(0, 9)]))).toBe("wrong-length");
    expect(codeOf(() => splitRhat([noise(0, 6)]))).toBe("invalid-value");
    expect(codeOf(() => integratedTime([]))).toBe("invalid-value");
    expect(codeOf(() => integratedTime([Float64Array.of(1, 2, 3, Number.NaN)]))).toBe("not-finite");
  });
});

describe("the normal quantile", () => {
  it("has the tabulated values", () => {
    expect(normalQuantile(0.5)).toBe(0);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 14);
    expect(normalQuantile(0.6)).toBeCloseTo(0.2533471031357997, 14);
    expect(normalQuantile(1e-6)).toBeCloseTo(-4.753424308822899, 12);
  });
});

describe("a time average", () => {
  it("has an error that covers the truth", () => {
    const { value, standardError } = timeAverage([Float64Array.from(ar1)]);
    // Mean 0; variance 1/(1 − a²), times τ/n: 0.079.
    expect(standardError).toBeGreaterThan(0.055);
    expect(standardError).toBeLessThan(0.11);
    expect(Math.abs(value)).toBeLessThan(4 * standardError);
  });

  it("gives the meter in units of N T", () => {
    const meter = virialRatio([noise(0, 1000).map((value) => 12 + value)], 4, 3);
    expect(Math.abs(meter.value - 1)).toBeLessThan(4 * meter.standardError);
    expect(meter.standardError).toBeCloseTo(1 / 12 / Math.sqrt(1000), 3);
  });
});
