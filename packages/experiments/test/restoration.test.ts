// Restoring images. Without couplings, E = ½‖b − x‖², and a descent of k steps leaves the share (1 − dt)^k of the way to
// b, so that everything has an exact value.
import { createReferenceBackend } from "@neural-langevin/core";
import { encodeImages, namedMask } from "@neural-langevin/datasets";
import { completeSettings } from "@neural-langevin/runs";
import { expect, it } from "vitest";
import {
  damageImages,
  drawEnergies,
  drawImages,
  energiesCsv,
  measureRestored,
  restoreImages,
} from "../src/index.js";

const SIZE = { width: 4, height: 4 };
const UNITS = 16;
const pixels = Uint8Array.from({ length: UNITS }, (_, at) => (at % 5 === 0 ? 220 : 30));
const bias = encodeImages({ pixels });
const network = { units: UNITS, couplings: new Float32Array(UNITS ** 2), bias };
const machine = { network, settings: completeSettings({ "step-size": 0.1 }) };
const backend = createReferenceBackend();
const stages = [{ steps: 60, temperature: 0 }];

it("descends along the energy as the equations say", async () => {
  const states = damageImages(bias, UNITS, { corrupt: 0.25, seed: 1 });
  const changed = states.filter((x, i) => x !== bias[i]);
  expect(changed).toHaveLength(4);
  const E = states.reduce((sum, x, i) => sum + (bias[i]! - x) ** 2, 0) / 2;
  const relaxation = await restoreImages(backend, machine, { states, stages, seed: 1 });
  expect(relaxation.steps).toEqual(Array.from({ length: 61 }, (_, step) => step));
  relaxation.energies.forEach(([energy], step) => {
    expect(energy! / (E * 0.9 ** (2 * step))).toBeCloseTo(1, 4);
  });
  const [image] = measureRestored(network, { start: states, originals: bias }, relaxation);
  expect(image!.energy.before).toBe(relaxation.energies[0]![0]);
  const rates = states.map((x, i) => Math.tanh(x) - Math.tanh(bias[i]!));
  const rmse = Math.sqrt(rates.reduce((sum, one) => sum + one ** 2, 0) / UNITS) / 2;
  expect(image!.rmse!.before).toBeCloseTo(rmse, 6);
  expect(image!.rmse!.after).toBeLessThan(1e-3);
});

it("completes what is masked from where chains begin, and pins the rest", async () => {
  const masked = namedMask("bottom", SIZE)!;
  const chainStart = { mean: new Float32Array(UNITS).fill(3), spread: 0 };
  const start = damageImages(bias, UNITS, { masked, seed: 1 }, chainStart);
  for (let i = 0; i < UNITS; i++) expect(start[i]).toBe(i < 8 ? bias[i] : 3);
  const plan = { states: start, masked, stages, seed: 1 };
  const { states } = await restoreImages(backend, machine, plan);
  expect(states.subarray(0, 8)).toEqual(start.subarray(0, 8));
  for (let i = 8; i < UNITS; i++) {
    expect(states[i]! - bias[i]!).toBeCloseTo(0.9 ** 60 * (3 - bias[i]!), 5);
  }
});

it("writes energies as CSV, and draws them and the images", () => {
  const relaxation = { steps: [0, 2], energies: [Float32Array.of(4, 2), Float32Array.of(1, 0.5)] };
  expect(energiesCsv(relaxation, ["a.png", "b,c.png"])).toBe(
    'step,a.png,"b,c.png"\n0,4,2\n2,1,0.5\n',
  );
  expect(drawEnergies(relaxation, ["a.png", "b.png"])).toContain("b.png");
  const many = Array.from({ length: 7 }, (_, image) => `${image}.png`);
  const energies = relaxation.energies.map(() => new Float32Array(7).fill(1));
  expect(drawEnergies({ ...relaxation, energies }, many)).toContain("lowest");
  const svg = drawImages([{ title: "Restored", caption: "E 0", states: bias }], SIZE);
  expect(svg).toContain("Restored");
});
