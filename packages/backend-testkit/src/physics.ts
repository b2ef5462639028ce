// What the dynamics samples, in exactly solvable cases. Chains are independent, so the number of chains is
// the effective sample size, and bounds are multiples of a known standard error at a fixed seed.
import type { Backend, SessionSpec } from "@neural-langevin/core";
import { expect } from "./expectations.js";
import { exampleNetwork, type Scenario } from "./scenario.js";

const SIGMAS = 4.5;
const chains = 2000;
const temperature = 0.7;

async function samples(
  backend: Backend,
  spec: Pick<SessionSpec, "units" | "activation">,
  couplings: Float32Array | undefined,
  dt: number,
  steps: number,
): Promise<{ x: Float32Array; virial: Float32Array }> {
  const session = await backend.open({ ...spec, chains, seed: 21 });
  if (couplings) session.write("couplings", couplings);
  session.drawChains({ stream: 1, step: 0 });
  session.advance({ firstStep: 0, steps, dt, temperature, integrator: "leimkuhler-matthews" });
  const result = {
    x: await session.read("chains"),
    virial: await session.measure("virial", "chains"),
  };
  await session.close();
  return result;
}

const covariance = (x: Float32Array, units: number, i: number, j: number): number => {
  let sum = 0;
  for (let chain = 0; chain < chains; chain++) sum += x[chain * units + i]! * x[chain * units + j]!;
  return sum / chains;
};

export const physics: readonly Scenario[] = [
  {
    key: "physics/no-couplings",
    statement: "without couplings every unit has variance T, and units and chains are independent",
    isLarge: true,
    async run({ backend }) {
      const units = 6;
      const { x } = await samples(backend, { units }, undefined, 0.1, 80);
      for (let i = 0; i < units; i++) {
        for (let j = 0; j <= i; j++) {
          const [due, error] = i === j ? [temperature, Math.SQRT2] : [0, 1];
          const found = covariance(x, units, i, j);
          const bound = (SIGMAS * temperature * error) / Math.sqrt(chains);
          expect(
            Math.abs(found - due) < bound,
            `The covariance of units ${i} and ${j} is ${found}, not ${due}.`,
          );
        }
      }
      let neighbours = 0;
      for (let at = units; at < x.length; at++) neighbours += x[at]! * x[at - units]!;
      neighbours /= (chains - 1) * units;
      const bound = (SIGMAS * temperature) / Math.sqrt(chains * units);
      expect(Math.abs(neighbours) < bound, `Neighbouring chains are correlated: ${neighbours}.`);
    },
  },
  {
    key: "physics/gaussian",
    statement: "with the identity activation chains have the covariance T(AᵀA)⁻¹ with A = I − J",
    isLarge: true,
    async run({ backend }) {
      // For two units, (AᵀA)⁻¹ is written down by hand.
      const [a, b] = [0.5, -0.3];
      const couplings = Float32Array.of(0, a, b, 0);
      const { x } = await samples(
        backend,
        { units: 2, activation: "identity" },
        couplings,
        0.05,
        300,
      );
      const determinant = (1 - a * b) ** 2;
      const exact = [1 + a * a, a + b, 1 + b * b].map(
        (value) => (temperature * value) / determinant,
      );
      const found = [covariance(x, 2, 0, 0), covariance(x, 2, 0, 1), covariance(x, 2, 1, 1)];
      const [c00, c01, c11] = exact as [number, number, number];
      const errors = [2 * c00 ** 2, c00 * c11 + c01 ** 2, 2 * c11 ** 2].map((v) =>
        Math.sqrt(v / chains),
      );
      found.forEach((value, at) => {
        const name = ["00", "01", "11"][at];
        expect(
          Math.abs(value - exact[at]!) < SIGMAS * errors[at]!,
          `C${name} is ${value}, not ${exact[at]}.`,
        );
      });
    },
  },
  {
    key: "physics/virial",
    statement: "in equilibrium ⟨x·∇E⟩ = N·T",
    isLarge: true,
    async run({ backend }) {
      const units = 12;
      const { couplings } = exampleNetwork(units, 0.8);
      const { virial } = await samples(backend, { units }, couplings, 0.05, 300);
      const mean = virial.reduce((sum, value) => sum + value, 0) / chains;
      const variance = virial.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (chains - 1);
      const bound = SIGMAS * Math.sqrt(variance / chains) + 0.01 * units * temperature;
      expect(
        Math.abs(mean - units * temperature) < bound,
        `⟨x·∇E⟩ is ${mean}, not ${units * temperature}.`,
      );
    },
  },
];
