// Energy, force and steps: known answers, finite differences, and the exact Gaussian.
import { describe, expect, it } from "vitest";
import { integratorNoise, langevinStep } from "../src/backend/index.js";
import {
  chainNoise,
  createReferenceBackend,
  energy,
  FRESH_CHAINS,
  force,
  type Integrator,
  type Network,
  sample,
  speed,
  unitSpeed,
  virial,
} from "../src/index.js";
import { expectClose, flat, invert, known, multiply, networkOf, transpose } from "./known.js";

const points = known<{
  J: number[][];
  b: number[];
  x: number[][];
  speed: number[][];
  energy: number[];
  force: number[][];
  forceWithoutFeedback: number[][];
}>("energy");
const network = networkOf(points.J, points.b);
const states = flat(points.x);

const gaussian = known<{
  J: number[][];
  temperature: number;
  dt: number;
  covariance: number[][];
  covarianceEulerMaruyama: number[][];
}>("gaussian");
const units = gaussian.J.length;
const linear = networkOf(gaussian.J, Array(units).fill(0), "identity");

describe("speed, energy and force", () => {
  it("have the known values", () => {
    expectClose(speed(network, states), flat(points.speed), 1e-13);
    const ofLast = points.speed.map((v) => v.at(-1)!);
    expectClose(unitSpeed(network, states, network.units - 1), ofLast, 1e-13);
    expectClose(energy(network, states), points.energy, 1e-13);
    expectClose(force(network, states), flat(points.force), 1e-13);
    expectClose(force(network, states, false), flat(points.forceWithoutFeedback), 1e-13);
  });

  it.each(["tanh", "identity"] as const)("F is −∇E by finite differences (%s)", (activation) => {
    const net: Network = { ...network, activation };
    const x = states.slice(0, net.units);
    const slope = x.map((_, i) => {
      const moved = (by: number) =>
        energy(
          net,
          x.map((value, j) => (i === j ? value + by : value)),
        );
      return (moved(1e-6)[0]! - moved(-1e-6)[0]!) / 2e-6;
    });
    expectClose(
      force(net, x),
      slope.map((value) => -value),
      1e-7,
    );
  });

  it("give the virial x·∇E", () => {
    const f = force(network, states);
    const n = network.units;
    const expected = points.x.map((row, chain) =>
      row.reduce((sum, x, i) => sum - x * f[chain * n + i]!, 0),
    );
    expectClose(virial(network, states), expected, 1e-12);
  });
});

describe("a trajectory", () => {
  const path = known<{
    dt: number;
    temperature: number;
    xi: number[][][];
    J: number[][];
    b: number[];
    eulerMaruyama: number[][][];
    feedbackOffFirst3: number[][][];
    leimkuhlerMatthews: number[][][];
  }>("langevin");
  const net = networkOf(path.J, path.b);

  it.each([
    ["eulerMaruyama", false, 0],
    ["feedbackOffFirst3", false, 3],
    ["leimkuhlerMatthews", true, 0],
  ] as const)("is the known one (%s)", (name, midpoint, gated) => {
    const expected = path[name];
    for (let chain = 0; chain < expected[0]!.length; chain++) {
      let x = Float64Array.from(expected[0]![chain]!);
      for (let s = 0; s + 1 < expected.length; s++) {
        const xi = path.xi[s]![chain]!;
        const noise = midpoint
          ? xi.map((value, i) => (value + path.xi[s + 1]![chain]![i]!) / 2)
          : xi;
        const { dt, temperature } = path;
        x = Float64Array.from(
          langevinStep(net, x, { dt, temperature, noise, feedback: s >= gated }),
        );
        expectClose(x, expected[s + 1]![chain]!, 1e-13);
      }
    }
  });

  it("takes ξ_s for Euler–Maruyama and (ξ_s + ξ_{s+1})/2 for Leimkuhler–Matthews", () => {
    const at = (step: number) => ({ seed: 1, stream: 0, step });
    const [now, next] = [chainNoise(at(7), 2, 6), chainNoise(at(8), 2, 6)];
    expect(integratorNoise("euler-maruyama", at(7), 2, 6)).toEqual(now);
    const mean = now.map((value, i) => (value + next[i]!) / 2);
    expectClose(integratorNoise("leimkuhler-matthews", at(7), 2, 6), mean, 1e-15);
  });

  it("at T = 0 goes downhill, and leaves pinned units where they are", () => {
    const pinned = Uint8Array.of(1, 0, 0, 1, 0, 0);
    let x: Float64Array = states.slice(0, 6);
    for (let step = 0; step < 200; step++) {
      const before = energy(network, x)[0]!;
      x = langevinStep(network, x, {
        dt: 0.01,
        temperature: 0,
        noise: new Float64Array(6),
        pinned,
      });
      expect(energy(network, x)[0]!).toBeLessThanOrEqual(before);
    }
    expect([x[0], x[3]]).toEqual([states[0], states[3]]);
    expect(x[1]).not.toBe(states[1]);
  });
});

/** M of the noiseless step x → Mx of the linear network. */
const stepMatrix = (): Float64Array => {
  const columns = Array.from({ length: units }, (_, j) => {
    const unit = new Float64Array(units);
    unit[j] = 1;
    const noise = new Float64Array(units);
    return [...langevinStep(linear, unit, { dt: gaussian.dt, temperature: 0, noise })];
  });
  return transpose(flat(columns));
};

describe("the Gaussian of the identity activation", () => {
  const { dt, temperature } = gaussian;
  const identity = new Float64Array(units * units).map((_, at) => (at % (units + 1) ? 0 : 1));
  const A = identity.map((one, at) => one - linear.couplings[at]!);
  const M = stepMatrix();
  const variance = 2 * temperature * dt;

  it("has the covariance T(AᵀA)⁻¹ with A = I − J", () => {
    const { inverse } = invert(multiply(transpose(A), A));
    expectClose(
      inverse.map((value) => temperature * value),
      flat(gaussian.covariance),
      1e-12,
    );
  });

  it("is what a step leaves as it is: Euler–Maruyama its own covariance, LM the exact one", () => {
    const euler = flat(gaussian.covarianceEulerMaruyama);
    const afterEuler = multiply(multiply(M, euler), transpose(M));
    expectClose(
      afterEuler.map((value, at) => value + variance * identity[at]!),
      euler,
      1e-12,
    );
    // x′ = Mx + σ(ξ + ξ′)/2 with ξ already in x: C′ = MCMᵀ + σ²/4·(M + Mᵀ) + σ²/2.
    const exact = flat(gaussian.covariance);
    const turned = transpose(M);
    const afterMidpoint = multiply(multiply(M, exact), turned).map(
      (value, at) =>
        value + (variance / 4) * (M[at]! + turned[at]!) + (variance / 2) * identity[at]!,
    );
    expectClose(afterMidpoint, exact, 1e-12);
  });

  it.each(["euler-maruyama", "leimkuhler-matthews"] satisfies Integrator[])(
    "is what independent chains sample (%s)",
    { timeout: 60_000 },
    async (integrator) => {
      const chains = 1000;
      const session = await createReferenceBackend().open({
        units,
        chains,
        seed: 11,
        firstChain: FRESH_CHAINS,
        activation: "identity",
      });
      session.write("couplings", Float32Array.from(linear.couplings));
      const step = 0.05;
      const x = await sample(session, {
        dt: step,
        integrator,
        stages: [{ steps: 250, temperature }],
      });
      const exact = flat(gaussian.covariance);
      for (let i = 0; i < units; i++) {
        for (let j = 0; j <= i; j++) {
          let sum = 0;
          for (let chain = 0; chain < chains; chain++)
            sum += x[chain * units + i]! * x[chain * units + j]!;
          const [cii, cjj, cij] = [
            exact[i * units + i]!,
            exact[j * units + j]!,
            exact[i * units + j]!,
          ];
          const error = Math.sqrt((cii * cjj + cij ** 2) / chains);
          // Euler–Maruyama's own bias at this dt is below 0.03.
          const bias = integrator === "euler-maruyama" ? 0.03 : 0;
          expect(Math.abs(sum / chains - cij)).toBeLessThan(4 * error + bias);
        }
      }
    },
  );

  it("with pinned units is the conditional one", async () => {
    const chains = 1000;
    const session = await createReferenceBackend().open({
      units,
      chains,
      seed: 12,
      activation: "identity",
    });
    session.write("couplings", Float32Array.from(linear.couplings));
    const pinned = new Uint8Array(units);
    pinned[0] = 1;
    const start = new Float32Array(chains * units);
    for (let chain = 0; chain < chains; chain++) start[chain * units] = 2;
    session.write("chains", start);
    const x = await sample(session, {
      dt: 0.05,
      integrator: "leimkuhler-matthews",
      stages: [{ steps: 200, temperature }],
      firstStep: 1,
      pinned,
    });
    const exact = flat(gaussian.covariance);
    for (let i = 1; i < units; i++) {
      let mean = 0;
      for (let chain = 0; chain < chains; chain++) mean += x[chain * units + i]! / chains;
      const expected = (2 * exact[i * units]!) / exact[0]!;
      const variance = exact[i * units + i]! - exact[i * units]! ** 2 / exact[0]!;
      expect(Math.abs(mean - expected)).toBeLessThan(4 * Math.sqrt(variance / chains));
    }
  });
});
