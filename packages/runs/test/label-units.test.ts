// Label units in a run: its data, its checkpoints and its machine's file say which units are pixels, and which kinds of
// images each label has.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMachine, createReferenceBackend, type LabelUnits } from "@neural-langevin/core";
import {
  encodeNpy,
  encodeSafetensors,
  labelUnits,
  openSafetensors,
  pixelStates,
  readLabels,
  unitsWithLabels,
} from "@neural-langevin/datasets";
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
  labelsByName,
  narrowData,
  newManifest,
  prepareData,
  requireEffect,
  sampleMachine,
  sessionOf,
  trainRun,
} from "../src/index.js";
import { beginTraining, loadRunData, openRun, resumeTraining } from "../src/node.js";
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
  const kinds = { count: 2, shares: [0.5, 0.5, 0.75, 0.25], means: new Float32Array(24) };
  const several = { ...data, labelUnits: { ...layout, kinds } };
  // What a kind looks like is in the checkpoints alone.
  expect(
    newManifest({ settings, data: several, computedBy: by, versions: {} }).data.labelUnits,
  ).toEqual({ ...layout, kinds: { count: 2, shares: kinds.shares } });
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

it("what labels are called is kept in the file, and asks for them", () => {
  const network = { units: 10, couplings: new Float32Array(100), bias: new Float32Array(10) };
  const named = { ...layout, names: ["one, at most", "3"] };
  const bytes = encodeNetwork({ ...network, labelUnits: named });
  const kept = decodeNetwork(bytes, "file");
  expect(kept.labelUnits).toEqual(named);
  expect(labelsByName(kept, ["3", "one, at most", "1"])).toEqual([3, 1, 1]);
  expect(labelsByName(kept, [])).toEqual([]);
  // A name goes before a number.
  expect(labelsByName({ labelUnits: { ...layout, names: ["3", "1"] } }, ["3"])).toEqual([1]);
  expect(() => labelsByName(kept, ["one"], "m")).toThrow(
    "The machine m has no unit for the label one.",
  );
  expect(() => labelsByName({ labelUnits: undefined }, ["one"], "m")).toThrow(
    "The machine m has no units for labels",
  );
  const { metadata, entries, read } = openSafetensors(bytes, "file");
  const tensors = Object.fromEntries([...entries.keys()].map((name) => [name, read(name)]));
  for (const names of ["one", "3", '["1"]', '["1","1"]', '["1",3]', "{}"]) {
    const broken = encodeSafetensors({ tensors, metadata: { ...metadata, label_names: names } });
    expect(() => decodeNetwork(broken, "odd")).toThrow(`odd: its label_names are ${names}, not 2`);
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

// Label 1 has bright rows, one of two kinds; label 3 has bright columns.
const written = (image: number): readonly number[] =>
  image % 2 === 1
    ? [
        [1, 0, 1, 0, 1, 0],
        [0, 1, 0, 1, 0, 1],
      ][Math.floor(image / 2) % 2]!
    : [
        [1, 1, 1, 0, 0, 0],
        [0, 0, 0, 1, 1, 1],
        [1, 1, 1, 0, 0, 0],
      ][Math.floor(image / 2) % 3]!;
const twoKinds = {
  ...set,
  pixels: Uint8Array.from({ length: 240 }, (_, at) => {
    const bright = written(Math.floor(at / 6))[at % 6]!;
    return (bright ? 220 : 20) + ((at * 7) % 30);
  }),
  labels: Uint8Array.from({ length: 40 }, (_, image) => (image % 2 === 1 ? 3 : 1)),
};
const withKinds = completeSettings({ ...settings, "held-out": 4, "label-kinds": 2 });

it("data with kinds of labels find them in the images that are learned, also when the run goes on or fewer are taken", async () => {
  const data = await prepareData(twoKinds, withKinds);
  const { kinds } = data.labelUnits!;
  expect([data.units, data.pixels, kinds!.count, kinds!.shares.length]).toEqual([14, 6, 2, 4]);
  const patterns = [0, 1, 2, 3].map((at) => [...kinds!.means.subarray(6 * at, 6 * at + 6)]);
  const bright = patterns.map((means) => means.map((rate) => Number(rate > 0)).join(""));
  expect(bright.slice(0, 2).sort()).toEqual(["000111", "111000"]);
  expect(bright.slice(2).sort()).toEqual(["010101", "101010"]);
  expect(readLabels(data.states, data.labelUnits!)).toEqual(data.training.labels);

  const again = await prepareData(twoKinds, { ...withKinds, seed: 9 }, { split: data.split });
  expect(again).toEqual(data);
  const given = await prepareData(twoKinds, withKinds, {
    labelUnits: data.labelUnits,
    split: data.split,
  });
  expect(given).toEqual(data);
  const fewer = narrowData(data, { labels: [3], images: 5 });
  const threes = [...data.training.labels!.keys()].filter((at) => data.training.labels![at] === 3);
  const states = threes
    .slice(0, 5)
    .flatMap((at) => [...data.states.subarray(14 * at).slice(0, 14)]);
  expect([...fewer.states]).toEqual(states);
  const one = { ...settings, "held-out": 4 };
  expect(await prepareData(twoKinds, { ...one, "label-kinds": 1 })).toEqual(
    await prepareData(twoKinds, { ...one, "label-kinds": undefined }),
  );
});

it("data whose labels have names give them to the label units; those of a machine with the same labels go before", async () => {
  const classes = ["ant", "bee", "cat", "dog"];
  const named = { ...twoKinds, classes };
  const namesWith = async (labelUnits?: LabelUnits) =>
    (await prepareData(named, settings, { labelUnits })).labelUnits!.names;
  expect(await namesWith()).toEqual(["bee", "dog"]);
  expect(await namesWith({ ...labelUnits(6, [1, 3], 1), names: ["one", "three"] })).toEqual([
    "one",
    "three",
  ]);
  expect(await namesWith({ ...labelUnits(6, [1, 2], 1), names: ["one", "two"] })).toEqual([
    "bee",
    "dog",
  ]);
  expect((await prepareData(twoKinds, settings)).labelUnits).not.toHaveProperty("names");
});

it("a run finds its kinds in any of its checkpoints, also where the last one is damaged", async () => {
  const folder = mkdtempSync(join(tmpdir(), "nlm-kinds-"));
  try {
    const [images, path] = [join(folder, "images.npy"), join(folder, "run")];
    writeFileSync(images, encodeNpy(twoKinds.pixels, [40, 2, 3]));
    writeFileSync(join(folder, "labels.npy"), encodeNpy(twoKinds.labels, [40]));
    const open = async () => ({ name: "reference", backend: createReferenceBackend() });
    const given = { ...withKinds, data: images, "checkpoint-every": 1 };
    const { run, settings, data, backend } = await beginTraining(path, {
      settings: given,
      versions: {},
      open,
    });
    const session = await backend.open(sessionOf(settings, data));
    for await (const _ of trainRun({ session, settings, data, sink: run }));
    await session.close();
    const last = await run.checkpointFile(3);
    writeFileSync(last, readFileSync(last).subarray(0, 1000));
    await run.close();
    expect((await loadRunData(await openRun(path), settings)).labelUnits).toEqual(data.labelUnits);
    const again = await resumeTraining(path, { open, from: 2, versions: {} });
    expect(again.from).toMatchObject({ update: 2 });
    expect(again.data.states).toEqual(data.states);
    await again.run.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("kinds without label units are refused", () => {
  const given = { "label-kinds": 2 };
  expect(() => requireEffect(given, completeSettings(given))).toThrow(/label-units is 0/);
});

/** Two labels of two kinds each, a unit for each of them after the pixels. */
const kindsOf = (pixels: number): LabelUnits => ({
  ...labelUnits(pixels, [1, 3], 1),
  kinds: {
    count: 2,
    shares: [0.7, 0.3, 0.5, 0.5],
    means: Float32Array.from({ length: 4 * pixels }, (_, at) => Math.sin(at)),
  },
});

it("a file keeps kinds and their means, and one that contradicts itself is refused by the name of what does", async () => {
  const withMeans = kindsOf(6);
  const units = unitsWithLabels(withMeans);
  expect(units).toBe(10);
  const network = {
    units,
    couplings: new Float32Array(units ** 2),
    bias: new Float32Array(units),
    labelUnits: withMeans,
  };
  const bytes = encodeNetwork(network);
  expect(decodeNetwork(bytes, "file").labelUnits).toEqual(withMeans);
  const backend = createReferenceBackend();
  const options = { units, chains: 2, batch: 2, labelUnits: withMeans };
  const machine = await createMachine(backend, options);
  const loaded = await decodeMachine(backend, await encodeMachine(machine), "machine");
  expect(loaded.labelUnits).toEqual(withMeans);
  const unfit = { ...withMeans, kinds: { ...withMeans.kinds!, shares: [1, 0] } };
  expect(await codeOf(createMachine(backend, { ...options, labelUnits: unfit }))).toBe(
    "wrong-length",
  );

  const { metadata, entries, read } = openSafetensors(bytes, "file");
  const all = Object.fromEntries([...entries.keys()].map((name) => [name, read(name)]));
  const broken = (change: Record<string, string>, tensors = all) =>
    (async () =>
      decodeNetwork(encodeSafetensors({ tensors, metadata: { ...metadata, ...change } }), "odd"))();
  const { label_means: means, ...rest } = all;
  for (const [work, said] of [
    [broken({ label_kinds: "0" }), /odd: its label_kinds are 0/],
    [broken({ label_kinds: "two" }), /odd: its label_kinds is "two"/],
    [broken({ label_kinds: "3" }), /odd: its label_shares are 4 numbers/],
    [broken({ label_kinds: "1" }), /odd: its 10 units are not pixels/],
    [broken({ label_copies: "2" }), /10 units are not pixels .* for 2 kinds of the labels/],
    [broken({ label_shares: "0.7,0.3,0.5,x" }), /odd: its label_shares is/],
    [broken({ label_shares: "0.7,0.3,0.5,0.6" }), /label_shares of one label are 0.5, 0.6/],
    [broken({ label_shares: "1.5,-0.5,0.5,0.5" }), /label_shares of one label are 1.5, -0.5/],
    [broken({}, rest), /odd: tensor "label_means" is missing/],
    [
      broken({}, { ...rest, label_means: { ...means!, shape: [2, 2, 3, 2] } }),
      /tensor "label_means" has the shape \[2,2,3,2\]/,
    ],
  ] as const) {
    await expect(work).rejects.toThrow(said);
    expect(await codeOf(work)).toBe("bad-file");
  }
});

it("chains that ask for a label reach each of its kinds as often as it is among the images, exactly as a Gaussian machine says", async () => {
  // E = ½‖x − Jx‖² with the pixel's row of J alone: given the label units, the pixel is normal around J·x with variance T.
  const layout = kindsOf(1);
  const couplings = new Float32Array(25);
  couplings.set([0, 0.5, 0.25, -0.25, -1]);
  const network = {
    units: 5,
    couplings,
    bias: new Float32Array(5),
    activation: "identity" as const,
    labelUnits: layout,
  };
  const sampling = { dt: 0.1, temperature: 0.04 };
  const machine = { network: { ...network, sampling }, settings: completeSettings({}) };
  const backend = createReferenceBackend();
  const chains = 600;
  const plan = { chains, seed: 3, labels: [1, 3], dynamics: { steps: 100 } };
  let states = new Float32Array();
  for await (const frame of sampleMachine(backend, machine, plan)) {
    states = Float32Array.from(frame.states);
  }
  const rows = Array.from({ length: chains }, (_, chain) => [
    ...states.subarray(5 * chain, 5 * chain + 5),
  ]);
  for (const [kind, share] of layout.kinds!.shares.entries()) {
    const own = rows.filter((row) => row[1 + kind] === 2);
    expect(Math.abs(own.length - (share * chains) / 2)).toBeLessThan(2);
    const input = [...couplings.subarray(1, 5)].reduce(
      (sum, coupling, at) => sum + coupling * (at === kind ? 2 : -2),
      0,
    );
    const mean = own.reduce((sum, [pixel]) => sum + pixel!, 0) / own.length;
    // Four standard errors.
    expect(Math.abs(mean - input)).toBeLessThan((4 * 0.2) / Math.sqrt(own.length));
  }
});
