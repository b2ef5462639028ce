// How far backends agree, against values that can be worked out and faults that must be noticed.
import {
  type Backend,
  createReferenceBackend,
  type Progress,
  randomNetwork,
} from "@neural-langevin/core";
import { describe, expect, it } from "vitest";
import { measureParity, measureSpeed } from "../src/index.js";
import { compareBits, type ParityPlan, unitVariances, zLimit, zScore } from "../src/parity.js";

const plan: ParityPlan = {
  network: randomNetwork({ units: 8, gain: 1.5, seed: 1 }),
  chains: 40,
  seed: 1,
  dt: 0.05,
  temperature: 1,
  integrator: "leimkuhler-matthews",
  steps: [1, 120],
};

/** The reference with something done to the chains that are read or the temperature that they have. */
function changed(
  change: (states: Float32Array) => Float32Array,
  heat = 1,
  noise: "shared" | "native" = "shared",
): Backend {
  const reference = createReferenceBackend();
  return {
    ...reference,
    device: { ...reference.device, noise },
    async open(spec) {
      const session = await reference.open(spec);
      const { read, advance } = session;
      session.read = async (slot) => {
        const values = await read.call(session, slot);
        return slot === "chains" ? change(values) : values;
      };
      session.advance = (run) =>
        advance.call(session, { ...run, temperature: heat * (run.temperature as number) });
      return session;
    },
  };
}

describe("agreement of bits", () => {
  it("is 24 where values are equal, and counts those that lead", () => {
    const a = Float32Array.of(1, 1, -2, 0);
    expect(compareBits(a, Float32Array.of(1, 1.25, 2, 0))).toEqual({
      equal: 0.5,
      median: 24,
      worst: 0,
    });
    const last = Float32Array.of(1 + 2 ** -23);
    expect(compareBits(Float32Array.of(1), last)).toEqual({ equal: 0, median: 23, worst: 23 });
  });
});

describe("statistics of chains", () => {
  const wide = Float32Array.from({ length: 400 }, (_, at) => 3 * Math.sin(at * at));

  it("are variances of units with their errors", () => {
    expect(unitVariances(wide, 1)[0]!.mean).toBeCloseTo(4.5, 0);
    // Values ±1 have a variance of 1 and no spread of squares.
    expect(unitVariances(Float32Array.of(1, 2, -1, -2), 2)).toEqual([
      { mean: 1, error: 0 },
      { mean: 4, error: 0 },
    ]);
  });

  it("differ where one is half of the other, and not from themselves", () => {
    const [one, two] = [wide, wide.map((x) => x / 2)].map((x) => unitVariances(x, 1)[0]!);
    expect(zScore(one!, two!)).toBeGreaterThan(zLimit(1));
    expect(zScore(two!, one!)).toBe(-zScore(one!, two!));
    expect(zScore(one!, one!)).toBe(0);
  });

  it("have a limit that the largest of many passes by chance in fewer than one of 1000 cases", () => {
    // 2·count·(1 − Φ(limit)) ≤ count·e^{−limit²/2} = 1/2000.
    expect(100 * Math.exp(-(zLimit(100) ** 2) / 2)).toBeCloseTo(1 / 2000, 12);
    expect(zLimit(1)).toBeCloseTo(3.9, 1);
  });
});

describe("parity", () => {
  it("of a backend with itself is whole, in every bit", async () => {
    const progress: Progress[] = [];
    const report = await measureParity(createReferenceBackend(), createReferenceBackend(), plan, {
      onProgress: (now) => progress.push(now),
    });
    expect(report.sharesNoise).toBe(true);
    expect(report.bits).toEqual([
      { steps: 1, equal: 1, median: 24, worst: 24 },
      { steps: 120, equal: 1, median: 24, worst: 24 },
    ]);
    const { energy, unitVariance } = report.statistics;
    expect(energy.a).toEqual(energy.b);
    expect([energy.z, unitVariance.largestZ, unitVariance.rootMeanSquareZ]).toEqual([0, 0, 0]);
    expect(report.statistics).toMatchObject({ steps: 120, agree: true });
    expect(progress.map(({ done }) => done)).toEqual([1, 50, 100, 120, 121, 170, 220, 240]);
    expect(progress.every(({ total }) => total === 240)).toBe(true);
  });

  it("notices values that are off by their last bits, whose statistics agree", async () => {
    const off = changed((states) => states.map((x) => x * (1 + 2 ** -20)));
    const { bits, statistics } = await measureParity(createReferenceBackend(), off, plan);
    expect(bits[0]).toMatchObject({ equal: 0, median: 20 });
    expect(statistics.agree).toBe(true);
  });

  it("notices another temperature by the energy, and another spread by the variances", async () => {
    const reference = createReferenceBackend();
    const hot = await measureParity(
      reference,
      changed((x) => x, 4, "native"),
      plan,
    );
    expect(hot.sharesNoise).toBe(false);
    expect(hot.statistics.agree).toBe(false);
    expect(Math.abs(hot.statistics.energy.z)).toBeGreaterThan(hot.statistics.energy.limit);
    const wide = await measureParity(
      reference,
      changed((states) => states.map((x) => 3 * x)),
      plan,
    );
    const { energy, unitVariance, agree } = wide.statistics;
    expect(agree).toBe(false);
    expect(Math.abs(energy.z)).toBeLessThan(energy.limit);
    expect(unitVariance.largestZ).toBeGreaterThan(unitVariance.limit);
  });

  it("stops on a signal", async () => {
    const reference = createReferenceBackend();
    const stopped = measureParity(reference, reference, plan, { signal: { aborted: true } });
    await expect(stopped).rejects.toMatchObject({ code: "aborted" });
  });
});

describe("speed", () => {
  it("is steps per second of all chains together", async () => {
    const milliseconds = 5;
    const reference = createReferenceBackend();
    const slow: Backend = {
      ...reference,
      async open(spec) {
        const session = await reference.open(spec);
        let steps = 0;
        session.advance = (run) => {
          steps += run.steps;
        };
        session.measure = async () => {
          const until = performance.now() + milliseconds * steps;
          steps = 0;
          while (performance.now() < until);
          return new Float32Array(spec.chains);
        };
        return session;
      },
    };
    const found = await measureSpeed(slow, { network: plan.network, chains: 4 });
    expect(found).toBeGreaterThan(100);
    expect(found).toBeLessThanOrEqual(1000 / milliseconds);
  });
});
