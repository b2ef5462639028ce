// Machines are the files that their cards describe, and do what their cards say.
import { legibility, points } from "@neural-langevin/analysis";
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import {
  antisymmetricNetwork,
  type Backend,
  createMachine,
  isLangevinError,
} from "@neural-langevin/core";
import { namesOfLabels } from "@neural-langevin/datasets";
import { generate, labelsByName } from "@neural-langevin/runs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readMachineFile } from "../src/files-browser.js";
import { machineCard, machineCards, readMachine } from "../src/index.js";
import { packMachine, unpackMachine } from "../src/packed-machine.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createCpuBackend();
});
afterAll(() => backend.close());

describe.each(machineCards)("the machine $name", ({ name, bytes, image, labels, measures }) => {
  it("is the file of its card, below 700 kB, with as many units as it has pixels and labels", async () => {
    const { network, settings, card } = await readMachine(name);
    expect(card.bytes).toBe(bytes);
    expect(bytes).toBeLessThan(700_000);
    const pixels = image.width * image.height;
    expect(network.labelUnits?.labels.length).toBe(labels?.length);
    const each = settings["label-units"] * settings["label-kinds"];
    expect(network.units).toBe(pixels + (labels ? each * labels.length : 0));
    expect(network.labelUnits && namesOfLabels(network.labelUnits)).toEqual(labels);
    expect(network.sampling).toMatchObject({ dt: settings["step-size"], temperature: 1 });
    expect(network.sampling?.chainStart?.mean).toHaveLength(network.units);
    for (const { value, standardError } of Object.values(measures)) {
      expect(Number.isFinite(value)).toBe(true);
      expect(standardError).toBeGreaterThan(0);
    }
  });
});

it("is asked for labels by what they are called", async () => {
  const { network } = await readMachine("letters");
  expect(labelsByName(network, ["h", "i", "9"])).toEqual([7, 8, 9]);
  const { network: clothes } = await readMachine("fashion");
  expect(labelsByName(clothes, ["sandal", "ankle boot"])).toEqual([5, 9]);
  expect(() => labelsByName(clothes, ["sock"], "zoo:fashion")).toThrow(
    "The machine zoo:fashion has no unit for the label sock.",
  );
});

it("draws the digit that it is asked for, within the errors of its card", async () => {
  const machine = await readMachine("ten-digits");
  const asked = Array.from({ length: 40 }, (_, at) => at % 10);
  const rates = await generate(backend, machine, { chains: 40, seed: 5, labels: asked });
  const { digits } = legibility(points(rates, 784));
  const right = asked.filter((digit, image) => digits[image] === digit).length / asked.length;
  const { value } = machineCard("ten-digits").measures["asked and legible"]!;
  // Four standard errors of forty images.
  expect(Math.abs(right - value)).toBeLessThan(4 * Math.sqrt((value * (1 - value)) / 40));
});

it("can go on learning on a backend", async () => {
  const { network } = await readMachine("three-digits");
  await using machine = await createMachine(backend, { network, sampling: network.sampling });
  expect((await machine.network()).couplings).toEqual(network.couplings);
  expect(machine.sampling.chainStart.mean).toEqual(network.sampling?.chainStart?.mean);
});

it("says in a sentence that a file could not be fetched", async () => {
  // Node fetches no files, as a browser without a network fetches nothing.
  await expect(readMachineFile("fashion")).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringMatching(/^The file of the machine fashion could not be fetched from /),
    remedy: "Try again when there is a network.",
  });
});

it("names the machines that there are", () => {
  expect(machineCards.map(({ name }) => name)).toEqual([
    "ten-digits",
    "three-digits",
    "fashion",
    "letters",
  ]);
  try {
    machineCard("faces");
    expect.unreachable();
  } catch (error) {
    expect(isLangevinError(error, "not-found")).toBe(true);
    expect(error).toHaveProperty(
      "remedy",
      "Its machines are ten-digits, three-digits, fashion, letters.",
    );
  }
});

it("packs couplings to within half a step of their row, and everything else exactly", async () => {
  const network = {
    ...antisymmetricNetwork({ units: 30, gain: 4, seed: 2 }),
    sampling: { dt: 0.03, temperature: 1, chainStart: { mean: new Float32Array(30).fill(0.25) } },
  };
  network.bias.set([1.5, -2]);
  network.couplings.fill(0, 30, 60);
  const back = await unpackMachine(await packMachine(network), "packed");
  expect(back.bias).toEqual(network.bias);
  expect(back.sampling).toMatchObject(network.sampling);
  for (let i = 0; i < 30; i++) {
    const row = network.couplings.subarray(30 * i, 30 * (i + 1));
    const step = Math.max(...row.map(Math.abs)) / 63;
    row.forEach((value, j) => {
      expect(Math.abs(back.couplings[30 * i + j]! - value)).toBeLessThanOrEqual(0.5001 * step);
    });
  }
});
