// A training of a run is one training, however often it is stopped and wherever it is kept.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import {
  type Backend,
  type Progress,
  readTrainingState,
  type TrainingState,
} from "@neural-langevin/core";
import { encodeNpy, imagesFromNpy, parseNpy } from "@neural-langevin/datasets";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  completeSettings,
  computedBy,
  type GivenSettings,
  newManifest,
  prepareData,
  type RunSink,
  type RunTraining,
  sessionOf,
  settingsOfPlan,
  type TrainingData,
  type TrainingSettings,
  trainRun,
} from "../src/index.js";
import { createRun, loadMachine, openRun, readSettingsFile, readWhole } from "../src/node.js";
import { keptCheckpoints } from "../src/train-run.js";
import { codeOf, MemorySink } from "./known.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createCpuBackend({ build: "plain", threads: 1 });
});
afterAll(() => backend.close());

const images = {
  width: 3,
  height: 2,
  count: 20,
  pixels: Uint8Array.from({ length: 20 * 6 }, (_, at) => ((at + Math.floor(at / 6)) % 3) * 100),
  labels: undefined,
  source: "stripes",
};
const small: GivenSettings = {
  "held-out": 0,
  chains: 5,
  batch: 8,
  updates: 12,
  rate: 0.02,
  "step-size": 0.05,
  "checkpoint-every": 5,
};

/** Trains in a session of its own; returns the state at its end. */
async function training(
  settings: TrainingSettings,
  data: TrainingData,
  sink: RunSink,
  more: Partial<RunTraining> = {},
): Promise<TrainingState> {
  await using session = await backend.open(sessionOf(settings, data));
  let update = more.from?.update ?? 0;
  for await (const report of trainRun({ session, settings, data, sink, ...more })) {
    update = report.update;
  }
  return await readTrainingState(session, update);
}

describe("a training", () => {
  const settings = completeSettings(small);
  const prepared = prepareData(images, settings);

  it("keeps checkpoints where they are due or asked for, and at its end", async () => {
    const sink = new MemorySink();
    const heard: Progress[] = [];
    const state = await training(settings, await prepared, sink, {
      checkpointAt: [0, 7, 99],
      reportEvery: 4,
      onProgress: (progress) => heard.push(progress),
    });
    expect(sink.checkpoints.map(({ update }) => update)).toEqual([0, 5, 7, 10, 12]);
    const sampling = { dt: settings["step-size"], temperature: 1, chainStart: {} };
    const session = { seed: 1, batch: 8, activation: "tanh" };
    const encoding = { name: "atanh", parameters: { clip: [0.97] } };
    const data = { encoding, shape: [2, 3], labelUnits: undefined };
    expect(sink.checkpoints.at(-1)).toEqual({ ...state, ...session, sampling, ...data });
    expect(sink.states).toEqual([
      "running",
      "running",
      "running",
      "running",
      "running",
      "finished",
    ]);
    expect(sink.rows.map(({ update }) => update)).toEqual([4, 5, 7, 8, 10, 12]);
    expect(Object.keys(sink.rows[0]!)).not.toContain("seconds");
    expect(heard.map(({ done, total }) => [done, total])).toEqual(
      sink.rows.map(({ update }) => [update, 12]),
    );
    expect(heard[0]!.values!.dataEnergy).toBe(sink.rows[0]!.dataEnergy);
  });

  it("that was stopped goes on bit for bit, from any checkpoint", async () => {
    const data = await prepared;
    const whole = new MemorySink();
    const expected = await training(settings, data, whole, { reportEvery: 1 });
    for (const stop of [0, 4, 11]) {
      const sink = new MemorySink();
      const signal = { aborted: false };
      const onProgress = ({ done }: Progress) => {
        signal.aborted = done === stop - 1;
      };
      signal.aborted = stop === 0;
      const stopped = training(settings, data, sink, { signal, onProgress, reportEvery: 1 });
      expect(await codeOf(stopped)).toBe("aborted");
      expect(sink.states.at(-1)).toBe("interrupted");
      const from = sink.checkpoints.at(-1)!;
      expect(from.update).toBe(stop);
      expect(await training(settings, data, sink, { from, reportEvery: 1 })).toEqual(expected);
      expect(sink.rows).toEqual(whole.rows);
      expect(sink.states.at(-1)).toBe("finished");
    }
    for (const from of whole.checkpoints) {
      expect(await training(settings, data, new MemorySink(), { from })).toEqual(expected);
    }
  });

  it("that was stopped before it had a machine is interrupted and keeps none", async () => {
    const sink = new MemorySink();
    const fitted = completeSettings({ ...small, "initial-bias": "data" });
    const stopped = training(fitted, await prepared, sink, { signal: { aborted: true } });
    expect(await codeOf(stopped)).toBe("aborted");
    expect(sink.states).toEqual(["interrupted"]);
    expect(sink.checkpoints).toEqual([]);
  });

  it("that is over yields and keeps nothing more", async () => {
    const data = await prepared;
    const state = await training(settings, data, new MemorySink());
    const sink = new MemorySink();
    expect(await training(settings, data, sink, { from: state })).toEqual(state);
    expect([sink.rows, sink.checkpoints, sink.states]).toEqual([[], [], []]);
  });

  it("that diverges keeps its last good state", async () => {
    const wild = completeSettings({ ...small, updates: 300, "step-size": 9 });
    const sink = new MemorySink();
    expect(await codeOf(training(wild, await prepared, sink))).toBe("diverged");
    expect(sink.states.at(-1)).toBe("diverged");
    const { update, chains, couplings } = sink.checkpoints.at(-1)!;
    expect(update).toBeLessThan(300);
    expect([...chains, ...couplings].every(Number.isFinite)).toBe(true);
  });
});

describe("checkpoints that are kept", () => {
  const updates = [0, 5, 7, 10, 15, 20, 25, 30, 35, 40];
  const kept = (keep: string, asked?: number[]) =>
    keptCheckpoints({ keep, "checkpoint-every": 5 }, updates, asked);

  it("are all, the last ones, or sparser with every doubling; and always the beginning and those asked for", () => {
    expect(kept("all")).toEqual(updates);
    expect(kept("last-1")).toEqual([0, 40]);
    expect(kept("last-3", [7])).toEqual([0, 7, 30, 35, 40]);
    expect(kept("log")).toEqual([0, 5, 10, 20, 40]);
    expect(keptCheckpoints({ keep: "log", "checkpoint-every": 5 }, updates.slice(0, -1))).toEqual([
      0, 5, 10, 20, 35,
    ]);
  });
});

describe("a run that brings its own images", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "nlm-own-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("begun from the bias of its data goes on bit for bit, and begins anew from its settings", async () => {
    // What a page says of its training: a plan, a gain, and a bias that is fitted to the data.
    const plan = {
      updates: 12,
      batch: 8,
      negativePhase: { kind: "random-restart", steps: 7 },
      temperature: 1,
      dt: 0.05,
      integrator: "euler-maruyama",
      optimizer: { kind: "adam" },
      learningRate: 0.02,
      schedule: { kind: "cosine" },
      decay: 5e-7,
      dataNoise: 0,
    } as const;
    const settings = completeSettings({
      ...settingsOfPlan(plan),
      data: "images.npy",
      "held-out": 0,
      chains: 5,
      seed: 4,
      gain: 1,
      "initial-bias": "data",
    });
    const data = await prepareData(images, settings);
    const whole = new MemorySink();
    const expected = await training(settings, data, whole);
    const fromZero = await training(
      { ...settings, "initial-bias": "zero" },
      data,
      new MemorySink(),
    );
    expect(fromZero.bias).not.toEqual(expected.bias);

    const path = join(folder, "run");
    const versions = { page: "1" };
    const manifest = newManifest({ settings, data, computedBy: computedBy(backend), versions });
    const begun = await createRun(path, { settings, manifest });
    writeFileSync(join(path, "images.npy"), encodeNpy(images.pixels, [20, 2, 3]));
    const signal = { aborted: false };
    const onProgress = ({ done }: Progress) => {
      signal.aborted = done === 4;
    };
    const stopped = training(settings, data, begun, { signal, onProgress, reportEvery: 1 });
    expect(await codeOf(stopped)).toBe("aborted");

    const run = await openRun(path);
    expect(await run.readManifest()).toMatchObject({ state: "interrupted", backend: "cpu" });
    const reread = async (given: TrainingSettings) =>
      prepareData(imagesFromNpy(parseNpy(await readWhole(given.data), given.data), ""), given);
    const own = await run.readSettings();
    expect(own).toEqual({ ...settings, data: join(path, "images.npy") });
    const from = await run.resume();
    expect(from.update).toBe(5);
    expect(await training(own, await reread(own), run, { from })).toEqual(expected);
    expect((await run.readManifest()).state).toBe("finished");

    const anew = completeSettings(await readSettingsFile(join(path, "config.yaml")));
    expect(await training(anew, await reread(anew), new MemorySink())).toEqual(expected);
  });

  it("gives a checkpoint that is a machine, which goes on with its training", async () => {
    const settings = completeSettings({ ...small, seed: 3 });
    const data = await prepareData(images, settings);
    const manifest = newManifest({ settings, data, computedBy: computedBy(backend), versions: {} });
    const run = await createRun(join(folder, "run"), { settings, manifest });
    await training(settings, data, run);
    const expected = await run.resume();
    await using machine = await loadMachine(backend, await run.checkpointFile(5));
    expect(machine.updates).toBe(5);
    const plan = { updates: 12, learningRate: 0.02, dt: 0.05 };
    for await (const _ of machine.train(data.states, plan));
    expect(expected).toMatchObject(await machine.state());
  });
});
