// A machine is measured against images that it never saw. Without couplings p(x) is a Gaussian around b, so that images
// drawn from it cannot be told from those that the machine makes.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { chainNoise, createReferenceBackend, isLangevinError } from "@neural-langevin/core";
import { completeSettings, prepareData } from "@neural-langevin/runs";
import { expect, it } from "vitest";
import { evaluationFiles, writeEvaluation } from "../src/evaluation-files.js";
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

it("tempers chains, and writes what it rests on", async () => {
  const plan = {
    seed: 1,
    dynamics: { steps: 100 },
    tempering: [1, 1.2, 1.5],
    equilibrium: { frames: 16, every: 5 },
    annealing: { anneals: 4, steps: 2 },
  };
  await using fast = await createCpuBackend({ build: "plain", threads: 1 });
  const { details, ...found } = await evaluate(fast, machine, data, plan);
  expect(found.tempered!.temperatures.length).toBe(3);
  expect(found.tempered!.temperatures[0]).toBe(1);
  expect(Math.min(...found.tempered!.accepted)).toBeGreaterThan(0.1);
  // At the hottest rung Z is (2πT)^(N/2); the ladder gives the rest of the way.
  const { logZ, standardError } = found.likelihood!.both;
  expect(standardError).toBeGreaterThan(0.01);
  expect(Math.abs(logZ - (UNITS / 2) * Math.log(2 * Math.PI))).toBeLessThan(3.5 * standardError);
  expect(JSON.stringify(found).length).toBeLessThan(5000);

  const folder = mkdtempSync(join(tmpdir(), "nlm-evaluation-"));
  try {
    const files = await writeEvaluation(folder, found, details);
    expect(files).toEqual(evaluationFiles(folder));
    const [json, traces, likelihoods] = files.map((file) => readFileSync(file, "utf8"));
    expect(JSON.parse(json!).likelihood.both.logZ).toBe(logZ);
    const rows = traces!.trim().split("\n");
    expect(rows[0]).toMatch(/^step,chain,energy,component 1,.*virial$/);
    expect(rows.length).toBe(1 + 16 * 60);
    expect(rows[2]!.startsWith(`10,0,${details.traces!.energy![0]![1]},`)).toBe(true);
    const values = likelihoods!
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(","));
    const kept = values.filter(([set]) => set === "held out").map(([, , value]) => Number(value));
    expect(kept.length).toBe(60);
    const mean = kept.reduce((sum, one) => sum + one, 0) / 60;
    expect(mean).toBeCloseTo(found.likelihood!.images["held out"]!.mean, 8);
  } finally {
    rmSync(folder, { recursive: true });
  }
  const other = { ...plan, tempering: [2, 3] };
  await expect(evaluate(backend, machine, data, other)).rejects.toMatchObject({
    code: "invalid-value",
  });
}, 20_000);

it("asks for a machine's labels in turn, and leaves the rest to the free machine", async () => {
  // Two label units, of which one drives all pixels up and the other down.
  const units = UNITS + 2;
  const couplings = new Float32Array(units ** 2);
  for (let pixel = 0; pixel < UNITS; pixel++) {
    couplings[pixel * units + UNITS] = 1;
    couplings[pixel * units + UNITS + 1] = -1;
  }
  const labels = Uint8Array.from({ length: COUNT }, (_, image) => image % 2);
  const shifted = pixels.map((pixel, at) => {
    const drive = labels[Math.floor(at / UNITS)] === 0 ? 2 * Math.tanh(2) : -2 * Math.tanh(2);
    return (Math.tanh(Math.atanh(Math.fround(1.998 * pixel - 0.999)) + drive) + 1) / 2;
  });
  const labelled = { ...settings, "label-units": 1 };
  const seen = await prepareData({ ...set, pixels: shifted, labels }, labelled);
  const { labelUnits } = seen;
  const asking = {
    network: { units, couplings, bias: new Float32Array(units), labelUnits },
    settings: labelled,
  };
  const plan = { seed: 1, dynamics: { steps: 100 }, asked: true };
  const found = await evaluate(backend, asking, seen, plan);
  expect(found).toMatchObject({ images: 60, asked: [0, 1], virialRatio: null });
  expect(Object.values(found.classes!).map(({ value }) => value)).toEqual([0.5, 0.5]);
  expect(Math.abs(found.A_S - 0.5)).toBeLessThan(0.25);
  expect(Math.abs(found.A_T - 0.5)).toBeLessThan(0.25);

  const equilibrium = { frames: 16, every: 5 };
  expect(() => requireEvaluable(asking, seen, { ...plan, equilibrium })).toThrow(
    /label units are free/,
  );
  expect(() => requireEvaluable(machine, data, plan)).toThrow(/no units for labels/);
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
