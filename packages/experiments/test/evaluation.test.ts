// A machine is measured against images that it never saw. Without couplings p(x) is a Gaussian around b, so that images
// drawn from it cannot be told from those that the machine makes.
import { chainNoise, createReferenceBackend, isLangevinError } from "@neural-langevin/core";
import { completeSettings, prepareData } from "@neural-langevin/runs";
import { expect, it } from "vitest";
import { evaluate, requireEvaluable } from "../src/index.js";

const UNITS = 16;
const COUNT = 120;
const network = {
  units: UNITS,
  couplings: new Float32Array(UNITS ** 2),
  bias: new Float32Array(UNITS),
};
const settings = completeSettings({ "step-size": 0.1, "held-out": 60, seed: 3 });
const machine = { network, settings };
const pixels = new Float32Array(COUNT * UNITS);
for (let image = 0; image < COUNT; image++) {
  const states = chainNoise({ seed: 9, stream: 0, step: 0 }, image, UNITS);
  pixels.set(
    states.map((x) => (Math.tanh(x) + 1) / 2),
    image * UNITS,
  );
}
const set = { width: 4, height: 4, count: COUNT, pixels, labels: undefined, source: "noise" };
const data = await prepareData(set, settings);
const backend = createReferenceBackend();

it("finds images of one distribution alike, and the chains in equilibrium", async () => {
  const plan = { seed: 1, dynamics: { steps: 100 }, annealing: { anneals: 4, steps: 2 } };
  const found = await evaluate(backend, machine, data, plan);
  expect(found).toMatchObject({ images: 60, steps: 100, temperature: 1, digits: undefined });
  // 60 points on each side: ½ ± 0.065.
  expect(Math.abs(found.A_S - 0.5)).toBeLessThan(0.25);
  expect(Math.abs(found.A_T - 0.5)).toBeLessThan(0.25);
  // 960 units of 60 chains: 1 ± √(2/960).
  expect(Math.abs(found.virialRatio! - 1)).toBeLessThan(4 * Math.sqrt(2 / 960));
  // Without couplings Z = (2π)^(N/2), and nothing is lost on the way from J = b = 0.
  expect(found.likelihood!.both.logZ).toBeCloseTo((UNITS / 2) * Math.log(2 * Math.PI), 3);
  expect(found.equilibrium).toBeUndefined();
});

it("is not done where there is nothing to measure", async () => {
  const refused = (other: object, plan: object) => {
    try {
      requireEvaluable(machine, { ...data, ...other }, { seed: 1, ...plan });
    } catch (error) {
      return isLangevinError(error, "invalid-value") ? error.message : String(error);
    }
    return undefined;
  };
  const cold = { dynamics: { temperature: 0 }, annealing: { anneals: 1, steps: 1 } };
  expect(refused({}, cold)).toContain("T > 0");
  expect(refused({}, { dynamics: { temperature: 0 } })).toBeUndefined();
  expect(refused({ pixels: 9 }, {})).toContain("sees 16 pixels");
  expect(refused({ heldOut: { ...data.heldOut, count: 1 } }, {})).toContain("at least 2 images");
});
