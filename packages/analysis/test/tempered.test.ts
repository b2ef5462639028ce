// Tempered chains in verdicts and in log Z, on a machine of two units with three valleys, whose answers quadrature knows.
import {
  createReferenceBackend,
  energy,
  type Network,
  type Session,
  sample,
  writeNetwork,
} from "@neural-langevin/core";
import { describe, expect, it } from "vitest";
import {
  estimateLikelihood,
  partitionDifference,
  points,
  principalComponents,
  watchEquilibrium,
} from "../src/index.js";

const network: Network = {
  units: 2,
  couplings: Float32Array.of(0, 2, 2, 0),
  bias: Float32Array.of(0.12, 0.04),
};
const temperatures = [0.03, 0.08, 0.2, 0.5];
const [T, hottest] = [temperatures[0]!, temperatures.at(-1)!];
const ladders = 20;
const dt = 0.04;

/** log Z and ⟨f⟩ over e^{−E/T}/Z by quadrature. */
function exact(temperature: number, f: (x: number, y: number) => number = () => 0) {
  let [Z, mean] = [0, 0];
  const h = 0.04;
  for (let x = -8; x <= 8; x += h) {
    const row: number[] = [];
    for (let y = -8; y <= 8; y += h) row.push(x, y);
    energy(network, Float64Array.from(row)).forEach((E, at) => {
      const weight = Math.exp(-E / temperature) * h * h;
      Z += weight;
      mean += weight * f(row[2 * at]!, row[2 * at + 1]!);
    });
  }
  return { logZ: Math.log(Z), mean: mean / Z };
}

/** Chains of which half begin in one valley and half in the other. */
async function open(chains: number, perLadder: number): Promise<Session> {
  const session = await createReferenceBackend().open({ units: 2, chains, seed: 5 });
  writeNetwork(session, network);
  const states = Float32Array.from({ length: 2 * chains }, (_, at) =>
    Math.floor(at / 2 / perLadder) % 4 === 0 ? 1.9 : -1.9,
  );
  session.write("chains", states);
  return session;
}

/** The one direction along which the valleys lie. */
const diagonal = principalComponents(points(Float64Array.of(-1, -1, 1, 1), 2), 1);

describe("tempered chains", () => {
  const watch = { frames: 500, every: 8, dt, temperature: T, components: diagonal };

  it("agree on the weights of valleys, and plain ones do not, which the verdict says", async () => {
    const plain = await watchEquilibrium(await open(ladders, 1), watch);
    expect(plain.equilibrated).toBe(false);
    expect(plain.reasons.join(" ")).toMatch(/component 1 differs between chains/);

    const ladder = { temperatures };
    const session = await open(ladders * temperatures.length, temperatures.length);
    await watchEquilibrium(session, { ...watch, ladder, frames: 200 });
    const tempered = await watchEquilibrium(session, { ...watch, ladder });
    const found = tempered.observables["component 1"]!;
    const side = Math.sign(diagonal.project(points(Float64Array.of(1, 1, 0, 0), 2))[0]!);
    const due = exact(T, (x, y) => (side * (Math.tanh(x) + Math.tanh(y))) / Math.SQRT2).mean;
    expect(Math.abs(found.value - due)).toBeLessThan(3.5 * found.standardError + 0.01);
    expect(found.rhat).toBeLessThan(1.15);
    expect(plain.observables["component 1"]!.rhat).toBeGreaterThan(1.3);
    expect(tempered.traces.energy!.length).toBe(ladders);
    expect(tempered.traces["component 1"]![0]!.length).toBe(500);
    expect(tempered.tempered!.swaps.roundTrips).toBeGreaterThan(ladders);
  }, 20_000);

  it("give log Z within its error", async () => {
    const chains = ladders * temperatures.length;
    const session = await open(chains, temperatures.length);
    const ladder = { temperatures };
    await watchEquilibrium(session, { ...watch, ladder, frames: 150 });
    const { tempered } = await watchEquilibrium(session, { ...watch, ladder, frames: 300 });
    const difference = partitionDifference(tempered!.energies, temperatures);
    const due = exact(T).logZ - exact(hottest).logZ;
    expect(difference.standardError).toBeLessThan(0.1);
    expect(Math.abs(difference.value - due)).toBeLessThan(3.5 * difference.standardError + 0.01);

    const equilibrium = await sample(session, {
      dt,
      stages: [{ steps: 200, temperature: hottest }],
    });
    const images = Float32Array.of(1.9, 1.9, -1.9, -1.9);
    const { both, each } = await estimateLikelihood(session, network, {
      anneals: 40,
      steps: 10,
      dt,
      temperature: T,
      from: { temperature: hottest, difference },
      equilibrium,
      images: { two: images },
    });
    const { logZ } = exact(T);
    expect(Math.abs(both.logZ - logZ)).toBeLessThan(3.5 * both.standardError + 0.02);
    expect(both.standardError).toBeGreaterThanOrEqual(difference.standardError);
    const E = energy(network, images);
    [...each.two!].forEach((one, at) => {
      expect(one).toBeCloseTo(-E[at]! / T - both.logZ, 5);
    });
  }, 20_000);

  it("of a Gaussian give (N/2) ln of the ratio of temperatures, and are refused where they cannot be", () => {
    // E of N = 6 at T is T·χ²₆/2, here by its quantiles: independent of any sampler.
    const gamma = Float64Array.from({ length: 4000 }, (_, at) => {
      const u = (at + 0.5) / 4000;
      let [low, high] = [0, 60];
      for (let halving = 0; halving < 60; halving++) {
        const t = (low + high) / 2;
        const share = 1 - Math.exp(-t) * (1 + t + (t * t) / 2);
        if (share < u) low = t;
        else high = t;
      }
      return low;
    });
    const shuffled = (ladder: number) => gamma.map((_, at) => gamma[(at * 1201 + ladder) % 4000]!);
    const series = Array.from({ length: 8 }, (_, ladder) => shuffled(ladder));
    const energies = [1, 1.5, 2].map((T) => series.map((chain) => chain.map((one) => T * one)));
    const found = partitionDifference(energies, [1, 1.5, 2]);
    expect(found.value).toBeCloseTo(-3 * Math.log(2), 2);
    expect(() => partitionDifference(energies, [1, 2])).toThrow(/2 temperatures/);
    expect(() => partitionDifference(energies.slice(0, 1), [1])).toThrow(/number of rungs/);
  });
});
