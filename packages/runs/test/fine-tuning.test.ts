// A training that begins with a machine: with the couplings of a training from scratch it is that training, and it needs
// nothing of the machine's file afterwards.
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { readTrainingState, type TrainingState } from "@neural-langevin/core";
import { encodeNpy } from "@neural-langevin/datasets";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  completeSettings,
  encodeNetwork,
  type GivenSettings,
  initialNetwork,
  type StoredNetwork,
  sessionOf,
  trainRun,
} from "../src/index.js";
import { beginTraining, loadData, type OpenedTraining, resumeTraining } from "../src/node.js";
import { codeOf, MemorySink } from "./known.js";

let folder: string;
const at = (name: string) => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nlm-tuned-"));
  const pixels = Uint8Array.from({ length: 20 * 6 }, (_, place) => (place * 37) % 251);
  writeFileSync(at("images.npy"), encodeNpy(pixels, [20, 2, 3]));
  const rates = Float32Array.from({ length: 20 * 6 }, (_, place) => 5 + Math.sin(place));
  writeFileSync(at("rates.npy"), encodeNpy(rates, [20, 6]));
});
afterEach(() => rmSync(folder, { recursive: true }));

const settingsWith = (more: GivenSettings) =>
  completeSettings({
    data: at("images.npy"),
    "held-out": 4,
    chains: 5,
    batch: 8,
    updates: 6,
    rate: 0.02,
    "step-size": 0.05,
    "checkpoint-every": 4,
    ...more,
  });
const open = async () => ({
  name: "cpu",
  backend: await createCpuBackend({ build: "plain", threads: 1 }),
});
const begin = (more: GivenSettings, out: string) =>
  beginTraining(at(out), { settings: settingsWith(more), versions: {}, open });

/** Trains to the end, or to an update after which nothing is kept, and closes everything. */
async function trained(training: OpenedTraining, stop?: number): Promise<TrainingState> {
  const { settings, data, run, from } = training;
  await using backend = training.backend;
  await using _run = run;
  await using session = await backend.open(sessionOf(settings, data));
  for await (const { update } of trainRun({ session, settings, data, sink: run, from })) {
    if (update === stop) break;
  }
  return await readTrainingState(session, 6);
}

function save(name: string, network: Omit<StoredNetwork, "units">): string {
  writeFileSync(at(name), encodeNetwork({ units: network.bias.length, ...network }));
  return at(name);
}

it("with the couplings of a training from scratch is that training, bit for bit and also when it was killed", async () => {
  const expected = await trained(await begin({}, "scratch"));
  const data = await loadData(settingsWith({}));
  const from = save("machine.safetensors", await initialNetwork(settingsWith({}), data));
  const sha256 = createHash("sha256").update(readFileSync(from)).digest("hex");
  const tuned = await begin({ from, seed: 1, couplings: "gaussian" }, "tuned");
  expect(await tuned.run.checkpoints()).toEqual([0]);
  expect((await tuned.run.readManifest()).from).toEqual({ file: from, sha256 });
  expect(await trained(tuned)).toEqual(expected);

  await trained(await begin({ from }, "killed"), 3);
  rmSync(from);
  const resumed = await resumeTraining(at("killed"), { versions: {}, open });
  expect(resumed.from!.update).toBe(0);
  expect(await trained(resumed)).toEqual(expected);

  rmSync(at("killed/checkpoints"), { recursive: true });
  expect(await codeOf(resumeTraining(at("killed"), { versions: {}, open }))).toBe("bad-file");
});

it("reads numbers as the machine did, not as its own data would have it", async () => {
  const parameters = {
    mean: [1, 2, 3, 4, 5, 6],
    deviation: [1, 1, 1, 1, 1, 2],
    range: [0, 10],
  };
  const from = save("rates.safetensors", {
    couplings: new Float32Array(36),
    bias: new Float32Array(6),
    encoding: { name: "z-score", parameters },
    shape: [6],
  });
  const begun = await begin({ from, data: at("rates.npy"), encoding: "z-score" }, "rates");
  expect(begun.data.encoding.parameters).toEqual(parameters);
  const states = [...begun.data.states.subarray(0, 6)];
  await trained(begun, 2);
  const resumed = await resumeTraining(at("rates"), { versions: {}, open });
  expect(resumed.data.encoding.parameters).toEqual(parameters);
  expect([...resumed.data.states.subarray(0, 6)]).toEqual(states);
  await trained(resumed);

  const atanh = begin({ from, data: at("rates.npy"), encoding: "identity" }, "never");
  await expect(atanh).rejects.toThrow(/with the encoding z-score, but the settings say identity/);
});

it("keeps the names and kinds of a machine's labels, when it goes on and on other images, and goes on with its own bit for bit", async () => {
  const [pixels, labels] = [at("images.npy"), at("labels.npy")];
  writeFileSync(
    labels,
    encodeNpy(
      Uint8Array.from({ length: 20 }, (_, image) => image % 2),
      [20],
    ),
  );
  const more = { data: pixels, "labels-file": labels, "label-units": 2, "label-kinds": 2 } as const;
  const whole = await begin(more, "whole");
  const { kinds } = whole.data.labelUnits!;
  expect([whole.data.units, kinds!.count]).toEqual([14, 2]);
  const expected = await trained(whole);
  await trained(await begin(more, "stopped"), 5);
  const resumed = await resumeTraining(at("stopped"), { versions: {}, open });
  expect(resumed.from!.update).toBe(4);
  expect(resumed.data.labelUnits).toEqual(whole.data.labelUnits);
  expect(resumed.data.states).toEqual(whole.data.states);
  expect(await trained(resumed)).toEqual(expected);

  // Other means than those of the images: the machine's own count.
  const means = kinds!.means.map((rate) => rate / 2);
  const names = ["even", "odd"];
  const labelUnits = { ...whole.data.labelUnits!, names, kinds: { ...kinds!, means } };
  const parameters = { couplings: new Float32Array(14 ** 2), bias: new Float32Array(14) };
  const from = save("kinds.safetensors", { ...parameters, labelUnits });
  const tuned = await begin({ ...more, from }, "tuned");
  expect(tuned.data.labelUnits).toEqual(labelUnits);
  await trained(tuned, 5);
  const later = await resumeTraining(at("tuned"), { versions: {}, open });
  expect(later.data.labelUnits).toEqual(labelUnits);
  await trained(later);
  await expect(begin({ ...more, from, "label-kinds": 1 }, "never")).rejects.toThrow(
    /has 2 units for each of 2 kinds of the labels 0, 1, but the training would have 2 units for each of the labels/,
  );
});

it("refuses a file and another's folder before data are read and a backend is opened", async () => {
  writeFileSync(at("file"), "");
  const opened: string[] = [];
  for (const [place, code] of [
    [at("file"), "exists"],
    [at(""), "exists"],
    ["", "invalid-value"],
  ] as const) {
    const unread = { settings: settingsWith({ data: at("none") }), versions: {} };
    const begun = beginTraining(place, {
      ...unread,
      open: async () => {
        opened.push(place);
        return open();
      },
    });
    expect(await codeOf(begun)).toBe(code);
  }
  expect(opened).toEqual([]);
});

it("refuses a machine that does not fit its data", async () => {
  const machine = (units: number, more: Partial<StoredNetwork> = {}) =>
    save("other.safetensors", {
      couplings: new Float32Array(units ** 2),
      bias: new Float32Array(units),
      ...more,
    });
  await expect(begin({ from: machine(9) }, "never")).rejects.toThrow(/sees 9 pixels/);
  const labelUnits = { pixels: 6, labels: [0, 1], copies: 1, current: 2 };
  const labelled = begin({ from: machine(8, { labelUnits }) }, "never");
  await expect(labelled).rejects.toThrow(
    /1 units for each of the labels 0, 1, but the training would have no units for labels/,
  );
  const other = begin({ from: machine(6, { activation: "identity" }) }, "never");
  expect(await codeOf(other)).toBe("unsupported");
  expect(await codeOf(begin({ from: at("none") }, "never"))).toBe("not-found");

  const settings = settingsWith({ from: machine(6) });
  const data = await loadData(settings);
  const { backend } = await open();
  await using session = await backend.open(sessionOf(settings, data));
  const forgotten = trainRun({ session, settings, data, sink: new MemorySink() });
  await expect(forgotten.next()).rejects.toThrow(/but its state was not given/);
  await backend.close();
});
