// A machine that learned labels: asked for one, it makes its images; shown an image, it names it; shown half, it completes
// it. Two kinds of images that share no bright pixel, so that nothing is left to chance.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  appendLabels,
  encodeImages,
  encodeNpz,
  labelUnits,
  parseNpy,
} from "@neural-langevin/datasets";
import { imageGrid } from "@neural-langevin/figures";
import { decodeNetwork, encodeNetwork } from "@neural-langevin/runs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { nlm } from "./command.js";

const PIXELS = 16;
const layout = labelUnits(PIXELS, [2, 5], 3);
const UNITS = PIXELS + 2 * 3;
/** Columns of stripes: label 2 has the left half bright and label 5 the right. */
const kind = (label: number) =>
  Uint8Array.from({ length: PIXELS }, (_, at) => (at % 4 < 2 === (label === 2) ? 230 : 25));

let folder: string;
const at = (name: string) => join(folder, name);
const run = async (...args: string[]) => {
  const all = [...args, "--backend", "reference", "--json"];
  const { status, stdout, stderr } = await nlm(all, folder);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "nlm-labels-"));
  const labels = Uint8Array.from({ length: 60 }, (_, image) => (image % 2 === 0 ? 2 : 5));
  const pixels = Uint8Array.from([...labels].flatMap((label) => [...kind(label)]));
  const file = encodeNpz(
    {
      x_train: { shape: [60, 4, 4], values: pixels },
      y_train: { shape: [60], values: labels },
    },
    { deflate: false },
  );
  writeFileSync(at("stripes.npz"), file);
  writeFileSync(at("two.png"), imageGrid({ pixels: kind(2), width: 4, height: 4, columns: 1 }).png);
  // Both images with their labels are opposite states ±ξ, which J = c·ξξᵀ/N without its diagonal remembers.
  const pattern = appendLabels(encodeImages({ pixels: kind(2) }), [2], layout);
  const signs = pattern.map(Math.sign);
  const couplings = Float32Array.from({ length: UNITS ** 2 }, (_, place) => {
    const [i, j] = [Math.floor(place / UNITS), place % UNITS];
    return i === j ? 0 : (2 * signs[i]! * signs[j]!) / UNITS;
  });
  const network = { units: UNITS, couplings, bias: new Float32Array(UNITS), labelUnits: layout };
  const sampling = { dt: 0.1, temperature: 0.05 };
  writeFileSync(at("memory.safetensors"), encodeNetwork({ ...network, sampling }));
});
afterAll(() => rmSync(folder, { recursive: true }));

const statesIn = (folder: string) => {
  const { shape, values } = parseNpy(readFileSync(at(`${folder}/states.npy`)), "states.npy");
  return { shape, states: values as Float32Array };
};

it("nlm sample --label makes images of the labels that it is asked for, in turn", async () => {
  const temperatures = [0.05, 0.06];
  const flags = ["--label", "2,5", "--chains", "6", "--temperature", "0.05,0.06"];
  const result = await run("sample", "memory.safetensors", ...flags);
  expect(result).toMatchObject({ labels: [2, 5], steps: 2000, temperature: 0.05, temperatures });
  const { shape, states } = statesIn("samples");
  expect(shape).toEqual([6, UNITS]);
  for (let chain = 0; chain < 6; chain++) {
    const own = states.subarray(chain * UNITS, (chain + 1) * UNITS);
    const bright = kind(chain % 2 === 0 ? 2 : 5);
    for (let i = 0; i < PIXELS; i++) expect(own[i]! > 0, `unit ${i}`).toBe(bright[i]! > 128);
    // The label units were pinned.
    const wanted = appendLabels(own.slice(0, PIXELS), [chain % 2 === 0 ? 2 : 5], layout);
    expect(own.slice(PIXELS)).toEqual(wanted.slice(PIXELS));
  }
});

it("labels that have names are asked for by them, and images are named by them", async () => {
  const { couplings, bias, ...rest } = decodeNetwork(readFileSync(at("memory.safetensors")), "m");
  const named = { ...rest.labelUnits!, names: ["left", "right"] };
  const network = { ...rest, couplings, bias, labelUnits: named };
  writeFileSync(at("named.safetensors"), encodeNetwork(network));
  const flags = ["--label", "right, left,2", "--chains", "3", "--steps", "5"];
  const drawn = await run("sample", "named.safetensors", ...flags, "--out", "named");
  expect(drawn.labels).toEqual([5, 2, 2]);
  const { stdout } = await nlm(["classify", "named.safetensors", "two.png"], folder);
  expect(stdout).toMatch(/two\.png +left/);
});

it("nlm classify names images, and says how many are right", async () => {
  const named = await run("classify", "memory.safetensors", "two.png");
  expect(named).toMatchObject({ labels: [2], names: ["two.png"] });
  // What it takes to name them again.
  expect(named).toMatchObject({ seed: expect.any(Number), dt: expect.any(Number) });
  expect(named.machineSha256).toMatch(/^[0-9a-f]{64}$/);
  expect(named.command).toContain("classify");
  const all = await run("classify", "memory.safetensors", "--data", "stripes.npz");
  expect(all).toMatchObject({ images: 60, accuracy: { value: 1 } });
  expect(all.accuracy.standardError).toBeCloseTo(Math.sqrt((61 * 1) / (62 ** 2 * 63)), 12);
});

it("nlm denoise --mask completes an image with its labels free", async () => {
  const result = await run(
    "denoise",
    "two.png",
    "--model",
    "memory.safetensors",
    "--mask",
    "right",
  );
  expect(result.images).toHaveLength(1);
  expect(result.images[0].energy.after).toBeLessThan(result.images[0].energy.before);
  expect(result.images[0].rmse.after).toBeLessThan(0.2);
});

it("a run keeps its label units, and its commands see pixels only", async () => {
  const settings = ["--data", "stripes.npz", "--label-units", "3", "--held-out", "10"];
  const training = ["--updates", "20", "--chains", "8", "--batch", "8", "--gain", "1"];
  const start = ["--chain-start", "data-mean", "--restart-every", "4"];
  const { checkpoint } = await run("train", ...settings, ...training, ...start, "--out", "run");
  expect(decodeNetwork(readFileSync(at(checkpoint)), "checkpoint").labelUnits).toEqual(layout);
  // Chains of pcd-10 live 4 updates of 10 steps, and are sampled for twice as long.
  expect(await run("sample", "run", "--out", "drawn")).toMatchObject({ steps: 80 });
  const measured = await run("evaluate", "run", "--log-likelihood", "--anneals", "3");
  expect(measured.images).toBe(10);
  expect(measured.digits).toBeUndefined();
  expect(await run("classify", "run")).toMatchObject({ images: 10 });
  const { stdout } = await nlm(["inspect", checkpoint, "--json"], folder);
  expect(JSON.parse(stdout).content).toMatchObject({
    pixels: "16",
    label_units: "2,5",
    label_copies: "3",
  });
});

it("classify takes numbers that are no pixels, where a machine learned some", async () => {
  const labels = Uint8Array.from({ length: 60 }, (_, row) => (row % 2 === 0 ? 2 : 5));
  const x = Float32Array.from(
    [...labels].flatMap((label) => [...kind(label)].map((v) => v / 50 - 3)),
  );
  const arrays = { x: { shape: [60, 16], values: x }, labels: { shape: [60], values: labels } };
  writeFileSync(at("numbers.npz"), encodeNpz(arrays, { deflate: false }));
  const data = ["--data", "numbers.npz", "--encoding", "identity", "--label-units", "3"];
  const training = ["--held-out", "10", "--updates", "20", "--chains", "8", "--batch", "8"];
  await run("train", ...data, ...training, "--out", "numbers");
  const named = await run("classify", "numbers", "--data", "numbers.npz");
  expect(named).toMatchObject({ images: 60, source: expect.stringContaining("numbers.npz") });
});

it("evaluate says that other images than MNIST's digits are not judged", async () => {
  const { stdout } = await nlm(["evaluate", "run", "--backend", "reference"], folder);
  expect(stdout).toContain("the judge reads MNIST's digits only");
});

it("labels that a machine has no units for are refused", async () => {
  const refuse = async (...args: string[]) => {
    const { status, stderr } = await nlm(args, folder);
    expect(status).toBe(2);
    return stderr.replace(/\s+/g, " ");
  };
  const plain = { units: 4, couplings: new Float32Array(16), bias: new Float32Array(4) };
  writeFileSync(at("plain.safetensors"), encodeNetwork(plain));
  expect(await refuse("sample", "plain.safetensors", "--label", "1")).toContain(
    "no units for labels",
  );
  expect(await refuse("classify", "plain.safetensors")).toContain("no units for labels");
  expect(await refuse("sample", "memory.safetensors", "--label", "7", "--out", "x")).toContain(
    "Its labels are 2, 5.",
  );
  expect(await refuse("sample", "memory.safetensors", "--label", "two")).toContain(
    "no unit for the label two. Its labels are 2, 5.",
  );
});

it("classify takes the images that the run kept back, and refuses others that lie in their place", async () => {
  const own = readFileSync(at("stripes.npz"));
  // The same images in another order: of those that are drawn anew, some would be ones that the run learned.
  const labels = Uint8Array.from({ length: 60 }, (_, image) => (image < 30 ? 2 : 5));
  const pixels = Uint8Array.from([...labels].flatMap((label) => [...kind(label)]));
  const arrays = {
    x_train: { shape: [60, 4, 4], values: pixels },
    y_train: { shape: [60], values: labels },
  };
  writeFileSync(at("stripes.npz"), encodeNpz(arrays, { deflate: false }));
  const { status, stderr } = await nlm(["classify", "run", "--backend", "reference"], folder);
  writeFileSync(at("stripes.npz"), own);
  expect(status).toBe(2);
  expect(stderr.replace(/\s+/g, " ")).toContain("is not what the run run began with");
  expect(await run("classify", "run")).toMatchObject({ images: 10 });
});
