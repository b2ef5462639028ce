// Label units in a run: its data, its checkpoints and its machine's file say which units are pixels.
import { createMachine, createReferenceBackend } from "@neural-langevin/core";
import { labelUnits, pixelStates, readLabels } from "@neural-langevin/datasets";
import { expect, it } from "vitest";
import {
  type Checkpoint,
  completeSettings,
  computedBy,
  decodeCheckpoint,
  decodeMachine,
  decodeNetwork,
  encodeCheckpoint,
  encodeMachine,
  encodeNetwork,
  newManifest,
  prepareData,
  sessionOf,
  trainRun,
} from "../src/index.js";
import { codeOf } from "./known.js";

const set = {
  width: 3,
  height: 2,
  count: 40,
  pixels: Uint8Array.from({ length: 40 * 6 }, (_, at) => (at * at) % 256),
  labels: Uint8Array.from({ length: 40 }, (_, at) => at % 4),
  source: "made up",
};
const settings = completeSettings({
  labels: [1, 3],
  "held-out": 5,
  "label-units": 2,
  couplings: "antisymmetric",
  "chain-start": "data-mean",
  chains: 4,
  batch: 4,
  updates: 3,
});
const layout = labelUnits(6, [1, 3], 2);

it("data with label units are the same images with the same labels", async () => {
  const data = await prepareData(set, settings);
  const without = await prepareData(set, { ...settings, "label-units": 0 });
  expect([data.units, data.pixels, without.units, without.pixels]).toEqual([10, 6, 6, 6]);
  expect(data.labelUnits).toEqual(layout);
  expect(without.labelUnits).toBeUndefined();
  expect(pixelStates(data.states, layout)).toEqual(without.states);
  expect(readLabels(data.states, layout)).toEqual(data.training.labels);
  expect(data.heldOutRates).toEqual(without.heldOutRates);
  expect(data.sha256).toBe(without.sha256);
  const all = await prepareData(set, { ...settings, labels: undefined });
  expect(all.labelUnits?.labels).toEqual([0, 1, 2, 3]);
});

it("images without labels are refused", async () => {
  const given = { ...settings, labels: undefined };
  expect(await codeOf(prepareData({ ...set, labels: undefined }, given))).toBe("invalid-value");
});

it("a training keeps the layout in its checkpoints and its manifest", async () => {
  const data = await prepareData(set, settings);
  const backend = createReferenceBackend();
  await using session = await backend.open(sessionOf(settings, data));
  let kept: Checkpoint | undefined;
  const sink = {
    addMetrics() {},
    setState() {},
    writeCheckpoint(checkpoint: Checkpoint) {
      kept = checkpoint;
    },
  };
  for await (const { update } of trainRun({ session, settings, data, sink })) {
    expect(update).toBeLessThanOrEqual(3);
  }
  const bytes = encodeCheckpoint(kept!);
  expect(decodeCheckpoint(bytes, "checkpoint").labelUnits).toEqual(layout);
  expect(decodeNetwork(bytes, "checkpoint").labelUnits).toEqual(layout);
  const by = computedBy(backend);
  const manifest = newManifest({ settings, data, computedBy: by, versions: {} });
  expect(manifest.data).toMatchObject({ width: 3, height: 2, labelUnits: layout });
});

it("a network's file keeps it, and a layout of other units is refused", async () => {
  const network = { units: 10, couplings: new Float32Array(100), bias: new Float32Array(10) };
  const bytes = encodeNetwork({ ...network, labelUnits: layout });
  expect(decodeNetwork(bytes, "file").labelUnits).toEqual(layout);
  expect(decodeNetwork(encodeNetwork(network), "file").labelUnits).toBeUndefined();
  for (const wrong of [
    { pixels: "7" },
    { label_units: "1,1" },
    { label_units: "1,x" },
    { label_copies: "0" },
    { label_current: "0" },
  ]) {
    const metadata = {
      pixels: "6",
      label_units: "1,3",
      label_copies: "2",
      label_current: "2",
      ...wrong,
    };
    const broken = encodeNetwork(network, metadata);
    expect(await codeOf((async () => decodeNetwork(broken, "file"))())).toBe("bad-file");
  }
});

it("a machine carries its label units through its file, trained or not", async () => {
  const backend = createReferenceBackend();
  const options = { units: 10, chains: 3, batch: 2, seed: 1 };
  const machine = await createMachine(backend, { ...options, labelUnits: layout });
  const data = Float32Array.from({ length: 4 * 10 }, (_, at) => Math.sin(at));
  for await (const _ of machine.train(data, { updates: 2 }));
  const loaded = await decodeMachine(backend, await encodeMachine(machine), "machine");
  expect(loaded.labelUnits).toEqual(layout);
  const network = { ...(await machine.network()), labelUnits: layout };
  const begun = await decodeMachine(backend, encodeNetwork(network), "network");
  expect(begun.labelUnits).toEqual(layout);
  const plain = await createMachine(backend, options);
  expect(plain.labelUnits).toBeUndefined();
  const misfit = { ...options, units: 9, labelUnits: layout };
  expect(await codeOf(createMachine(backend, misfit))).toBe("invalid-value");
});
