// A machine with label units generates, names and completes images. Two kinds of images that share no bright pixel, and
// that its couplings remember together with their labels, so that nothing is left to chance.
import { createReferenceBackend, type Progress } from "@neural-langevin/core";
import { appendLabels, encodeImages, labelUnits } from "@neural-langevin/datasets";
import { expect, it } from "vitest";
import {
  classify,
  complete,
  completeSettings,
  dynamicsOf,
  exportNetwork,
  generate,
  importNetwork,
  type TrainedMachine,
} from "../src/index.js";
import { codeOf } from "./known.js";

const PIXELS = 16;
const layout = labelUnits(PIXELS, [2, 5], 3);
const UNITS = PIXELS + 2 * 3;
/** Stripes: label 2 has the left half bright and label 5 the right. */
const kind = (label: number) =>
  Uint8Array.from({ length: PIXELS }, (_, at) => (at % 4 < 2 === (label === 2) ? 230 : 25));

// Both images with their labels are opposite states ±ξ, which J = 2ξξᵀ/N without its diagonal remembers.
const signs = appendLabels(encodeImages({ pixels: kind(2) }), [2], layout).map(Math.sign);
const couplings = Float32Array.from({ length: UNITS ** 2 }, (_, place) => {
  const [i, j] = [Math.floor(place / UNITS), place % UNITS];
  return i === j ? 0 : (2 * signs[i]! * signs[j]!) / UNITS;
});
const machine: TrainedMachine = {
  network: {
    units: UNITS,
    couplings,
    bias: new Float32Array(UNITS),
    labelUnits: layout,
    sampling: { dt: 0.1, temperature: 0.05 },
  },
  settings: completeSettings({ "restart-every": 40 }),
};
const backend = createReferenceBackend();
const brightness = (rates: Float32Array, image: number) =>
  rates.subarray(image * PIXELS, (image + 1) * PIXELS).map(Math.sign);

it("is sampled as its file says, for twice as long as its chains lived, unless told otherwise", () => {
  expect(dynamicsOf(machine)).toEqual({
    steps: 800,
    temperature: 0.05,
    dt: 0.1,
    integrator: "leimkuhler-matthews",
    chainStart: {},
  });
  const given = { temperature: 0, steps: undefined };
  expect(dynamicsOf(machine, given)).toMatchObject({ steps: 800, temperature: 0 });
  expect(dynamicsOf({ ...machine, settings: completeSettings({}) }).steps).toBe(2000);
});

it("generates images of the labels that it is asked for, in turn", async () => {
  const seen: Progress[] = [];
  const onProgress = (progress: Progress) => seen.push(progress);
  const plan = { chains: 6, seed: 1, labels: [2, 5] };
  const rates = await generate(backend, machine, plan, { onProgress });
  expect(rates).toHaveLength(6 * PIXELS);
  for (let image = 0; image < 6; image++) {
    const asked = encodeImages({ pixels: kind(plan.labels[image % 2]!) }).map(Math.sign);
    expect(brightness(rates, image)).toEqual(asked);
  }
  expect(seen.at(-1)).toMatchObject({ task: "sampling", unit: "steps" });
  expect(seen.every(({ done, total }) => done <= total)).toBe(true);
  // Whether somebody watches changes no bit, and chains of other numbers are others.
  expect(await generate(backend, machine, plan)).toEqual(rates);
  expect(await generate(backend, machine, { ...plan, first: 6 })).not.toEqual(rates);
});

it("names images by their labels", async () => {
  const states = encodeImages({ pixels: Uint8Array.from([5, 2, 5].flatMap((l) => [...kind(l)])) });
  expect([...(await classify(backend, machine, { states, seed: 1 }))]).toEqual([5, 2, 5]);
});

it("completes what is not known of an image, and keeps what is", async () => {
  const states = encodeImages({ pixels: kind(5) });
  const known = new Uint8Array(PIXELS).fill(1, 0, PIXELS / 2);
  const rates = await complete(backend, machine, { states, known, seed: 1 });
  expect(brightness(rates, 0)).toEqual(states.map(Math.sign));
  for (let i = 0; i < PIXELS / 2; i++) expect(rates[i]).toBeCloseTo(Math.tanh(states[i]!), 6);
});

it("refuses what it cannot do, and stops when it is told", async () => {
  const { labelUnits: _, ...plain } = machine.network;
  const without = { ...machine, network: plain };
  const states = new Float32Array(UNITS);
  expect(await codeOf(generate(backend, without, { chains: 1, seed: 1, labels: [2] }))).toBe(
    "unsupported",
  );
  expect(await codeOf(classify(backend, without, { states, seed: 1 }))).toBe("unsupported");
  expect(await codeOf(generate(backend, machine, { chains: 1, seed: 1, labels: [7] }))).toBe(
    "invalid-value",
  );
  expect(await codeOf(classify(backend, machine, { states, seed: 1 }))).toBe("wrong-length");
  const half = { states: new Float32Array(PIXELS), known: new Uint8Array(PIXELS / 2), seed: 1 };
  expect(await codeOf(complete(backend, machine, half))).toBe("wrong-length");
  const signal = { aborted: true };
  expect(await codeOf(generate(backend, machine, { chains: 1, seed: 1 }, { signal }))).toBe(
    "aborted",
  );
});

it("leaves as arrays and comes back from them, bit for bit", () => {
  const { network } = machine;
  const npy = exportNetwork(network, "npy");
  expect(Object.keys(npy)).toEqual(["J.npy", "b.npy"]);
  const named = (file: string) => ({ file, bytes: npy[file]! });
  const back = importNetwork(named("J.npy"), named("b.npy"));
  expect(back).toMatchObject({ sources: "J.npy; b.npy", type: "float32", rounding: 0, unused: [] });
  for (const format of ["npz", "safetensors"] as const) {
    const [[file, bytes]] = Object.entries(exportNetwork(network, format)) as [
      [string, Uint8Array],
    ];
    expect(importNetwork({ file, bytes }).network.couplings).toEqual(network.couplings);
  }
  const transposed = importNetwork(named("J.npy"), undefined, { transpose: true }).network;
  expect(transposed.couplings[1]).toBe(couplings[UNITS]);
});
