// The verdict on equilibrium, branch by branch, and chains of a Gaussian machine, whose answers are known exactly.
import {
  chainNoise,
  createReferenceBackend,
  langevin,
  type Progress,
  type Session,
} from "@neural-langevin/core";
import { describe, expect, it } from "vitest";
import { equilibriumVerdict, points, principalComponents, watchEquilibrium } from "../src/index.js";

const noise = (chain: number, length: number) =>
  chainNoise({ seed: 1, stream: 0, step: 0 }, chain, length);

describe("the verdict", () => {
  const good = [0, 1, 2, 3].map((chain) => noise(chain, 1000));
  const shifted = good.map((chain, k) => (k === 0 ? chain.map((value) => value + 1.5) : chain));
  const virial = { units: 2, temperature: 1, chains: good.map((c) => c.map((v) => 2 + v)) };

  it("passes independent chains that agree", () => {
    const verdict = equilibriumVerdict({ energy: good }, virial);
    expect(verdict.reasons).toEqual([]);
    expect(verdict.equilibrated).toBe(true);
    expect(verdict.summary).toMatch(/^Equilibrated\. .* R̂ 1\.00.*⟨x·∇E⟩\/\(N T\) is (0\.99|1\.0)/);
    expect(verdict.observables.energy!.rhat).toBeLessThan(1.01);
    expect(equilibriumVerdict({ energy: good }).summary).not.toMatch(/∇E/);
  });

  it("names every observable and measure that fails", () => {
    const { equilibrated, reasons } = equilibriumVerdict(
      { energy: good, component: shifted },
      { ...virial, temperature: 1.2 },
    );
    expect(equilibrated).toBe(false);
    expect(reasons.join(" ")).toMatch(
      /component differs .* component has an effective sample size/,
    );
    expect(reasons.at(-1)).toMatch(/^⟨x·∇E⟩\/\(N T\) is 0\.83/);
    expect(reasons.some((reason) => reason.startsWith("energy"))).toBe(false);
  });

  it("does not pass chains that never change", () => {
    const still = good.map((chain) => chain.map(() => 1));
    expect(equilibriumVerdict({ energy: still }).summary).toBe(
      "Not equilibrated. energy never changes, so it cannot show equilibrium.",
    );
  });

  it("does not pass a slow drift that all chains share", () => {
    const drift = good.map((chain) => chain.map((value, at) => value + at / 200));
    expect(equilibriumVerdict({ energy: drift }).reasons[0]).toMatch(/^energy differs/);
  });

  it("does not pass a virial beside N T, and allows for its error", () => {
    const beside = (distance: number, spread: number) =>
      equilibriumVerdict(
        { energy: good },
        {
          units: 1,
          temperature: 1,
          chains: good.map((c) => c.map((v) => 1 + distance + spread * v)),
        },
      ).reasons;
    expect(beside(0.1, 0.1)).toHaveLength(1);
    expect(beside(0.015, 0.1)).toEqual([]);
    // 4000 values of spread 10 are sure to 0.16.
    expect(beside(0.1, 10)).toEqual([]);
  });

  it("holds each limit by itself", () => {
    const few = good.map((chain) => chain.subarray(0, 60));
    expect(equilibriumVerdict({ energy: few }, undefined, { rhat: 2 }).reasons).toEqual([
      expect.stringMatching(/^energy has an effective sample size of \d+, below 400\.$/),
    ]);
    const loose = { rhat: 2, effectiveSampleSize: 10 };
    expect(equilibriumVerdict({ energy: few }, undefined, loose).equilibrated).toBe(true);
    expect(
      equilibriumVerdict({ energy: few }, undefined, { ...loose, times: 100 }).reasons,
    ).toEqual([expect.stringMatching(/chains of 60 frames are shorter than 100 times that/)]);
  });
});

describe("watched chains", () => {
  const backend = createReferenceBackend();
  const units = 4;
  const chains = 8;
  const dynamics = { temperature: 1, dt: 0.1 };
  const open = async (bias: number): Promise<Session> => {
    const session = await backend.open({ units, chains, seed: 3 });
    session.write("couplings", new Float32Array(units * units));
    session.write("bias", new Float32Array(units).fill(bias));
    return session;
  };
  const axes = principalComponents(
    points(
      Float64Array.from({ length: 40 }, (_, at) => Math.sin(at * at)),
      units,
    ),
    2,
  );

  it("of a machine without couplings are in equilibrium, with the exact energy and time", async () => {
    await using session = await open(0);
    const run = { frames: 500, every: 10, ...dynamics, components: axes };
    const verdict = await watchEquilibrium(session, run);
    expect(verdict.reasons).toEqual([]);
    const { energy, ...components } = verdict.observables;
    // ⟨E⟩ = NT/2; ρ_t of the energy is 0.9^(2·10·t) after t frames, so τ = (1 + ρ)/(1 − ρ) = 1.28.
    expect(Math.abs(energy!.value - units / 2)).toBeLessThan(4 * energy!.standardError);
    expect(Math.abs(energy!.integratedTime - 1.28)).toBeLessThan(0.15);
    expect(Object.keys(components)).toEqual(["component 1", "component 2"]);
    const { value, standardError } = verdict.meter!;
    expect(Math.abs(value - 1)).toBeLessThan(4 * standardError + 0.005);
  });

  it("that begin far away are not", async () => {
    await using session = await open(30);
    const { equilibrated, reasons } = await watchEquilibrium(session, {
      frames: 20,
      every: 1,
      ...dynamics,
    });
    expect(equilibrated).toBe(false);
    expect(reasons.join(" ")).toMatch(/energy differs .* ⟨x·∇E⟩/);
  });

  it("are followed without changing where they go, and left in the last frame", async () => {
    const progress: Progress[] = [];
    await using session = await open(0.5);
    await watchEquilibrium(
      session,
      { frames: 8, every: 3, ...dynamics, components: axes },
      { onProgress: (now) => progress.push(now) },
    );
    await using other = await open(0.5);
    for await (const _ of langevin(other, {
      stages: [{ steps: 24, temperature: dynamics.temperature }],
      dt: dynamics.dt,
    }));
    expect(await session.read("chains")).toEqual(await other.read("chains"));
    expect(progress.map(({ done, total }) => [done, total])).toEqual(
      [3, 6, 9, 12, 15, 18, 21, 24].map((done) => [done, 24]),
    );
  });

  it("stop on a signal, and are refused where the question has no meaning", async () => {
    await using session = await open(0);
    const run = { frames: 10, every: 2, ...dynamics };
    const stop = new AbortController();
    await expect(
      watchEquilibrium(session, run, {
        signal: stop.signal,
        onProgress: ({ done }) => done === 6 && stop.abort(),
      }),
    ).rejects.toMatchObject({ code: "aborted" });
    const flat = principalComponents(points(Float64Array.of(0, 1, 2, 3), 1), 1);
    for (const [wrong, code] of [
      [{ temperature: 0 }, "invalid-value"],
      [{ frames: 7 }, "invalid-value"],
      [{ components: flat }, "wrong-length"],
    ] as const) {
      await expect(watchEquilibrium(session, { ...run, ...wrong })).rejects.toMatchObject({ code });
    }
  });
});
