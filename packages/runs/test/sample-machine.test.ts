// A machine is sampled by one call: frames after a burn-in, states that are given and held, labels, ladders and cooling.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { labelUnits, parseNpy } from "@neural-langevin/datasets";
import { afterAll, expect, it } from "vitest";
import {
  completeSettings,
  type SampledFrame,
  type SamplePlan,
  sampleMachine,
  sha256,
  type TrainedMachine,
} from "../src/index.js";
import { sampleFiles, writeSamples } from "../src/node.js";
import { codeOf } from "./known.js";

// Units that do not couple: x ~ N(b, T), whatever the chains did before.
const UNITS = 4;
const machine: TrainedMachine = {
  network: {
    units: UNITS,
    couplings: new Float32Array(UNITS ** 2),
    bias: Float32Array.of(3, -3, 0, 1),
    labelUnits: labelUnits(2, [4, 7], 1),
    sampling: { dt: 0.1, temperature: 0.5 },
  },
  settings: completeSettings({}),
};
const backend = await createCpuBackend({ threads: 1 });
afterAll(() => backend.close());
const few = { chains: 5, seed: 3, dynamics: { steps: 40 } };

async function framesOf(plan: SamplePlan): Promise<SampledFrame[]> {
  const frames: SampledFrame[] = [];
  for await (const frame of sampleMachine(backend, machine, plan)) frames.push(frame);
  return frames;
}

it("yields where chains end, and frames after the burn-in that change nothing", async () => {
  const end = await framesOf(few);
  expect(end.map(({ kept }) => kept)).toEqual([false]);
  expect(end[0]!.states).toHaveLength(5 * UNITS);
  // Steps 20, 30 and 35 of 35: the last one is where the chains end, and no frame.
  const way = await framesOf({ ...few, dynamics: { steps: 25 }, burnIn: 10, every: 10 });
  expect(way.map(({ kept }) => kept)).toEqual([true, true, false]);
  const alone = await framesOf({ ...few, dynamics: { steps: 30 } });
  expect(way[1]!.states).toEqual(alone[0]!.states);
  const exact = await framesOf({ ...few, dynamics: { steps: 30 }, burnIn: 10, every: 10 });
  expect(exact.map(({ kept }) => kept)).toEqual([true, true, true]);
  expect(exact.at(-1)!.states).toEqual(end[0]!.states);
  expect(exact.at(-1)!.energies).toEqual(end[0]!.energies);
});

it("begins at states in turn, and holds units and labels to the bit", async () => {
  const start = Float32Array.of(9, 8, 7, 6, 5, 4, 3, 2);
  const pinned = Uint8Array.of(1, 0, 0, 0);
  const [end] = await framesOf({ ...few, start, pinned });
  const unit = (at: number) => Array.from({ length: 5 }, (_, chain) => end!.states[chain * 4 + at]);
  expect(unit(0)).toEqual([9, 5, 9, 5, 9]);
  const [asked] = await framesOf({ ...few, start, pinned, labels: [7, 4] });
  for (let chain = 0; chain < 5; chain++) {
    const [first, , four, seven] = asked!.states.subarray(chain * 4, chain * 4 + 4);
    expect(first).toBe(chain % 2 === 0 ? 9 : 5);
    expect([Math.sign(four!), Math.sign(seven!)]).toEqual(chain % 2 === 0 ? [-1, 1] : [1, -1]);
    expect(Math.abs(four!)).toBe(Math.abs(seven!));
  }
});

it("samples the coldest of a ladder, also after a burn-in between its frames", async () => {
  const tempering = [0.5, 1, 2];
  const plan = { ...few, chains: 400, dynamics: { steps: 100 }, tempering };
  const frames = await framesOf({ ...plan, burnIn: 30, every: 40 });
  expect(frames.map(({ kept }) => kept)).toEqual([true, true, false]);
  for (const { states, energies, tempered } of frames) {
    expect([states.length, energies.length]).toEqual([400 * UNITS, 400]);
    expect([tempered!.temperatures[0], tempered!.temperatures[2]]).toEqual([0.5, 2]);
    expect(tempered!.accepted).toHaveLength(2);
  }
  // 400 values of N(3, 0.5): five standard errors of the mean, and of the variance.
  const first = frames.at(-1)!.states.filter((_, place) => place % UNITS === 0);
  const mean = first.reduce((sum, x) => sum + x, 0) / 400;
  const variance = first.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 399;
  expect(Math.abs(mean - 3)).toBeLessThan(5 * Math.sqrt(0.5 / 400));
  expect(Math.abs(variance - 0.5)).toBeLessThan(5 * 0.5 * Math.sqrt(2 / 399));
});

it("runs chains at several temperatures in turn, one of every label at each", async () => {
  // x ~ N(b, T): the mean energy of a chain is NT/2, but for what the step size adds, (1 − dt/2)⁻¹ or so.
  const temperatures = [0.1, 0.4];
  const plan = { chains: 4000, seed: 3, temperatures, dynamics: { steps: 100 } };
  const meanOf = async (labels: readonly number[], turns: number) => {
    const [end] = await framesOf({ ...plan, labels });
    return temperatures.map((temperature, at) => {
      const own = end!.energies.filter((_, chain) => Math.floor(chain / turns) % 2 === at);
      const chains = end!.temperatures!.filter((_, chain) => Math.floor(chain / turns) % 2 === at);
      expect(new Set(chains)).toEqual(new Set([Math.fround(temperature)]));
      expect(own).toHaveLength(2000);
      return own.reduce((sum, one) => sum + one, 0) / own.length;
    });
  };
  const [cold, hot] = await meanOf([], 1);
  expect(hot! / cold!).toBeCloseTo(4, 0);
  expect(cold! / (0.5 * UNITS * 0.1)).toBeGreaterThan(0.9);
  expect(cold! / (0.5 * UNITS * 0.1)).toBeLessThan(1.2);
  // Labels hold two units; the other two have the temperature of every second pair of chains.
  const [coldPair, hotPair] = await meanOf([4, 7], 2);
  expect(hotPair!).toBeGreaterThan(coldPair!);
  const tempering = [0.1, 0.2];
  await expect(codeOf(framesOf({ ...few, temperatures, tempering }))).resolves.toBe(
    "invalid-value",
  );
});

it("cools to the minimum of the energy where it is asked to", async () => {
  const frames = await framesOf({ ...few, every: 40, cool: true });
  expect(frames.map(({ kept }) => kept)).toEqual([true, false]);
  // Without couplings E = Σ (x − b)²/2, whose minimum is x = b.
  frames[1]!.states.forEach((x, place) => {
    expect(x).toBeCloseTo(machine.network.bias[place % UNITS]!, 3);
  });
});

it("refuses what does not fit", async () => {
  const start = new Float32Array(UNITS + 1);
  for (const [plan, code] of [
    [{ ...few, start }, "wrong-length"],
    [{ ...few, start: new Float32Array() }, "wrong-length"],
    [{ ...few, pinned: new Uint8Array(UNITS - 1) }, "wrong-length"],
    [{ ...few, labels: [5] }, "invalid-value"],
    [{ ...few, every: 0 }, "invalid-value"],
    [{ ...few, burnIn: -1 }, "invalid-value"],
    [{ ...few, every: 41 }, "invalid-value"],
    [{ ...few, tempering: [1, 2], every: 60 }, "invalid-value"],
    [{ ...few, tempering: [1, 2], every: 30 }, "invalid-value"],
    [{ ...few, tempering: [2, 1] }, "invalid-value"],
    [{ ...few, tempering: [1, 2], cool: true }, "invalid-value"],
  ] as const) {
    expect(await codeOf(framesOf(plan))).toBe(code);
  }
});

it("writes states, what they mean and the frames, and the hash of the states", async () => {
  const folder = mkdtempSync(join(tmpdir(), "nlm-samples-"));
  try {
    const loaded = { ...machine, image: undefined };
    const files = sampleFiles(loaded, folder, true);
    const plan = { ...few, every: 20 };
    const samples = sampleMachine(backend, machine, plan);
    const { end, frames, statesSha256 } = await writeSamples(files, loaded, samples);
    const bytes = readFileSync(files.states);
    expect(statesSha256).toBe(await sha256(bytes));
    expect(parseNpy(bytes, files.states).values).toEqual(end.states);
    expect(frames).toBe(2);
    const shapeOf = (file: string) => parseNpy(readFileSync(file), file).shape;
    expect(shapeOf(files.trajectory!)).toEqual([2, 5, UNITS]);
    expect(shapeOf(files.energies!)).toEqual([2, 5]);
    // Two pixels, and the label units are left out.
    expect(shapeOf(files.values!)).toEqual([5, 2]);
    const image = { width: 2, height: 1 };
    const none = sampleFiles({ ...machine, image }, join(folder, "none"), false);
    await writeSamples(none, loaded, sampleMachine(backend, machine, few));
    expect(existsSync(none.states)).toBe(true);
    expect({ ...none, states: "" }).toEqual({
      states: "",
      values: undefined,
      trajectory: undefined,
      energies: undefined,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
