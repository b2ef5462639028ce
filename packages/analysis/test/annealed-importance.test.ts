// log Z against the exact Gaussian of the identity network and quadrature of small tanh networks.
import { createReferenceBackend, energy, type Network, sample } from "@neural-langevin/core";
import { describe, expect, it } from "vitest";
import {
  type AnnealingPlan,
  annealBackward,
  annealForward,
  bennettLogPartition,
  evenPath,
  type LogPartition,
  logLikelihood,
  logPartitionAtRest,
} from "../src/annealed-importance.js";
import { fixture } from "./known.js";

const backend = createReferenceBackend();

async function bothWays(network: Network, temperature: number, equilibrium: Float32Array) {
  const { units, activation = "tanh" } = network;
  const chains = equilibrium.length / units;
  const session = await backend.open({ units, chains, activation, seed: 7 });
  const dynamics = { temperature, dt: 0.02, integrator: "leimkuhler-matthews" } as const;
  const plan: AnnealingPlan = { ...dynamics, path: evenPath(60), steps: 10 };
  const forward = await annealForward(session, network, plan);
  session.write("chains", equilibrium);
  const backward = await annealBackward(session, network, { ...plan, firstStep: 600 });
  await session.close();
  return { forward, backward };
}

/** Exact samples of a density over one or two units: cells of a grid, evenly through their cumulated weight. */
function gridSamples(network: Network, temperature: number, count: number): Float32Array {
  const { units } = network;
  const side = 321;
  const place = (cell: number) => (cell - (side - 1) / 2) / 40;
  const cells = Float64Array.from({ length: side ** units * units }, (_, at) =>
    place(Math.floor(Math.floor(at / units) / side ** (at % units)) % side),
  );
  const weights = energy(network, cells).map((value) => Math.exp(-value / temperature));
  const total = weights.reduce((sum, value) => sum + value, 0);
  const samples = new Float32Array(count * units);
  let cumulated = 0;
  let taken = 0;
  weights.forEach((weight, cell) => {
    cumulated += weight / total;
    for (; taken < count && (taken + 0.5) / count < cumulated; taken++) {
      samples.set(cells.subarray(cell * units, (cell + 1) * units), taken * units);
    }
  });
  return samples;
}

/** Within five standard errors and what float32 energies and the step size allow. */
function expectLogZ(
  { logZ, standardError }: Pick<LogPartition, "logZ" | "standardError">,
  exact: number,
): void {
  expect(Math.abs(logZ - exact)).toBeLessThan(5 * standardError + 0.01);
}

describe("annealed importance sampling", () => {
  it("finds log Z of the exact Gaussian, forward, backward and by both", async () => {
    const { J, temperature, logZ } = fixture("gaussian") as {
      J: number[][];
      temperature: number;
      logZ: number;
    };
    const couplings = Float64Array.from(J.flat());
    const network: Network = {
      units: 6,
      couplings,
      bias: new Float64Array(6),
      activation: "identity",
    };
    const session = await backend.open({ units: 6, chains: 300, activation: "identity", seed: 9 });
    session.write("couplings", Float32Array.from(couplings));
    const equilibrium = await sample(session, {
      dt: 0.05,
      integrator: "leimkuhler-matthews",
      stages: [{ steps: 200, temperature }],
    });
    const { forward, backward } = await bothWays(network, temperature, equilibrium);
    expectLogZ(forward, logZ);
    expectLogZ(backward, logZ);
    expectLogZ(bennettLogPartition(forward, backward), logZ);
    expect(forward.standardError).toBeLessThan(0.05);
    expect(forward.effectiveChains).toBeGreaterThan(100);
  });

  const { cases } = fixture("log-partition") as {
    cases: { J: number[][]; b: number[]; temperature: number; logZ: number }[];
  };
  it.each(cases)("finds log Z by quadrature: J = $J, b = $b, T = $temperature", async (known) => {
    const network = {
      units: known.b.length,
      couplings: Float64Array.from(known.J.flat()),
      bias: Float64Array.from(known.b),
    };
    const equilibrium = gridSamples(network, known.temperature, 300);
    const { forward, backward } = await bothWays(network, known.temperature, equilibrium);
    expectLogZ(forward, known.logZ);
    expectLogZ(backward, known.logZ);
    expectLogZ(bennettLogPartition(forward, backward), known.logZ);
  });

  it("leaves the session with the network and says what was wrong", async () => {
    const network = {
      units: 2,
      couplings: Float32Array.of(0, 1, -0.5, 0),
      bias: Float32Array.of(0.25, 0),
    };
    const session = await backend.open({ units: 2, chains: 4, seed: 1 });
    const plan: AnnealingPlan = {
      temperature: 1,
      path: [0, 0.25, 1],
      steps: 1,
      dt: 0.01,
      integrator: "euler-maruyama",
    };
    await annealForward(session, network, plan);
    expect([...(await session.read("couplings"))]).toEqual([...network.couplings]);
    expect([...(await session.read("bias"))]).toEqual([...network.bias]);
    for (const path of [[0, 0.5], [0.1, 1], [0, 0.5, 0.5, 1], [1]]) {
      await expect(annealForward(session, network, { ...plan, path })).rejects.toMatchObject({
        code: "invalid-value",
      });
    }
    const linear: Network = { ...network, activation: "identity" };
    await expect(annealForward(session, linear, plan)).rejects.toMatchObject({
      code: "invalid-value",
    });
    await session.close();
  });
});

describe("log-likelihood", () => {
  it("of a unit Gaussian's states is the entropy's negative", () => {
    const network = { units: 3, couplings: new Float64Array(9), bias: new Float64Array(3) };
    const energies = energy(network, Float64Array.of(1, 1, 1, -1, 1, -1));
    expect(logLikelihood(energies, 1, logPartitionAtRest(3, 1))).toBeCloseTo(
      -1.5 - 1.5 * Math.log(2 * Math.PI),
      14,
    );
  });
});
