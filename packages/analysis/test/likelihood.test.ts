// The rule that says when log Z may be trusted, branch by branch, and likelihoods of a Gaussian machine, whose log Z
// is (N/2) ln 2πT.
import {
  createReferenceBackend,
  FRESH_CHAINS,
  type Progress,
  type Session,
  sample,
} from "@neural-langevin/core";
import { describe, expect, it } from "vitest";
import { estimateLikelihood } from "../src/index.js";
import { type LogPartitionEstimate, logPartitionVerdict } from "../src/likelihood.js";

const way = (logZ: number, standardError = 0.1, effectiveChains = 50): LogPartitionEstimate => ({
  logZ,
  standardError,
  effectiveChains,
});

describe("forward and backward estimates of log Z", () => {
  it("are trusted within one nat of each other", () => {
    expect(logPartitionVerdict(way(100), way(100.99))).toEqual({
      trusted: true,
      reasons: [],
      summary: "The forward and backward estimates of log Z agree within 0.990 nats.",
    });
  });

  it("are trusted further apart where their errors allow it", () => {
    // 3·√(1² + 1²) = 4.24
    expect(logPartitionVerdict(way(100, 1), way(104.2, 1)).trusted).toBe(true);
    expect(logPartitionVerdict(way(100, 1), way(104.3, 1)).trusted).toBe(false);
  });

  it("are not trusted beyond that, whichever is larger", () => {
    const { trusted, reasons, summary } = logPartitionVerdict(way(373.2), way(790.7));
    expect(trusted).toBe(false);
    expect(reasons).toEqual([
      "The forward and backward estimates of log Z differ by 418 nats, more than 1.00; the truth most likely lies " +
        "between them.",
    ]);
    expect(summary).toBe(reasons[0]);
    expect(logPartitionVerdict(way(790.7), way(373.2)).reasons).toEqual(reasons);
  });

  it("are not trusted where few chains carry one of them", () => {
    expect(logPartitionVerdict(way(1, 0.1, 10), way(1)).trusted).toBe(true);
    expect(logPartitionVerdict(way(1, 0.1, 9.9), way(1)).reasons).toEqual([
      "Only 9.9 chains carry the forward estimate, fewer than 10.",
    ]);
    expect(logPartitionVerdict(way(1), way(1, 0.1, 1)).reasons).toEqual([
      "Only 1.0 chains carry the backward estimate, fewer than 10.",
    ]);
    expect(logPartitionVerdict(way(1, 0.1, 2), way(9, 0.1, 3)).reasons).toHaveLength(3);
  });

  it("are not trusted where they are no numbers", () => {
    expect(logPartitionVerdict(way(Number.NaN), way(1)).trusted).toBe(false);
    expect(logPartitionVerdict(way(1, 0.1, Number.NaN), way(1)).trusted).toBe(false);
  });
});

describe("the likelihood of images", () => {
  const units = 3;
  const chains = 40;
  const temperature = 0.5;
  const bias = Float32Array.of(0.5, -0.25, 0);
  const network = { units, couplings: new Float32Array(units * units), bias };
  const dynamics = { dt: 0.05, temperature };
  const images = Float32Array.of(0.5, -0.25, 1, 0.5, 0.75, 0);
  const withSession = async <T>(
    work: (session: Session, equilibrium: Float32Array) => Promise<T>,
  ): Promise<T> => {
    const backend = createReferenceBackend();
    await using session = await backend.open({ units, chains, seed: 2, firstChain: FRESH_CHAINS });
    session.write("couplings", network.couplings);
    session.write("bias", bias);
    const equilibrium = await sample(session, {
      dt: dynamics.dt,
      stages: [{ steps: 200, temperature }],
    });
    return await work(session, equilibrium);
  };
  const plan = { anneals: 30, steps: 4, ...dynamics, firstStep: 200 };

  it("is −E/T − log Z of the Gaussian that the machine is", async () => {
    const progress: Progress[] = [];
    const found = await withSession((session, equilibrium) =>
      estimateLikelihood(
        session,
        network,
        { ...plan, equilibrium, images: { two: images } },
        { onProgress: (now) => progress.push(now) },
      ),
    );
    const logZ = (units / 2) * Math.log(2 * Math.PI * temperature);
    for (const { logZ: one, standardError } of [found.forward, found.backward, found.both]) {
      expect(Math.abs(one - logZ)).toBeLessThan(4 * standardError + 0.01);
    }
    expect(found).toMatchObject({ trusted: true, anneals: 30, steps: 4, chains });
    // E of both images is ½, so that their mean has no error.
    const { two } = found.images;
    expect(two!.count).toBe(2);
    expect(two!.mean).toBeCloseTo(-0.5 / temperature - found.both.logZ, 6);
    expect(two!.standardError).toBeCloseTo(0, 6);
    const ways = [found.forward, found.backward].map(({ logZ: one }) => -0.5 / temperature - one);
    expect(two!.bounds[0]).toBeCloseTo(Math.min(...ways), 6);
    expect(two!.bounds[1]).toBeCloseTo(Math.max(...ways), 6);
    expect(progress.every(({ total }) => total === 240)).toBe(true);
    expect(progress.at(-1)!.done).toBe(240);
    expect(progress.map(({ done }) => done)).toEqual(
      progress.map(({ done }) => done).sort((a, b) => a - b),
    );
  });

  it("is not trusted by a path of one step to a machine far from the Gaussian at β = 0", async () => {
    const far = { ...network, bias: new Float32Array(units).fill(20) };
    const { trusted, reasons, forward, backward } = await withSession((session, equilibrium) =>
      estimateLikelihood(session, far, {
        ...plan,
        anneals: 1,
        steps: 1,
        equilibrium: equilibrium.map((x, at) => x - bias[at % units]! + 20),
        images: {},
      }),
    );
    expect(trusted).toBe(false);
    expect(reasons[0]).toMatch(/differ by \d/);
    const logZ = (units / 2) * Math.log(2 * Math.PI * temperature);
    expect(forward.logZ).toBeLessThan(logZ);
    expect(backward.logZ).toBeGreaterThan(logZ);
  });

  it("stops on a signal, and refuses states that do not fit", async () => {
    await withSession(async (session, equilibrium) => {
      const whole = { ...plan, equilibrium, images: { two: images } };
      await expect(
        estimateLikelihood(session, network, whole, { signal: { aborted: true } }),
      ).rejects.toMatchObject({ code: "aborted" });
      for (const [wrong, code] of [
        [{ equilibrium: equilibrium.subarray(units) }, "wrong-length"],
        [{ images: { one: images.subarray(0, units) } }, "invalid-value"],
        [{ images: { ragged: images.subarray(0, 5) } }, "invalid-value"],
        [{ anneals: 0 }, "invalid-value"],
        [{ temperature: 0 }, "invalid-value"],
      ] as const) {
        await expect(
          estimateLikelihood(session, network, { ...whole, ...wrong }),
        ).rejects.toMatchObject({ code });
      }
    });
  });
});
