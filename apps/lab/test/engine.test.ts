// The parts of the lab that need no browser: its links, and a training in slices.
import { createReferenceBackend, type TrainingState, writeNetwork } from "@neural-langevin/core";
import type { ImageSet } from "@neural-langevin/datasets";
import {
  type Checkpoint,
  completeSettings,
  encodeCheckpoint,
  prepareData,
  sessionOf,
  trainRun,
} from "@neural-langevin/runs";
import { describe, expect, it } from "vitest";
import type { TrainingTask } from "../src/engine/protocol.js";
import { isCheckpoint, Training } from "../src/engine/training.js";
import { decodeLink, defaults, encodeLink } from "../src/state/settings.js";

describe("a link", () => {
  it("says only what is not the default, and says it exactly", () => {
    expect(encodeLink("dream", defaults)).toBe("#dream");
    const settings = { ...defaults, temperature: 0.3, digits: "027", feedback: false };
    const link = encodeLink("train", settings);
    expect(decodeLink(link)).toEqual({ view: "train", settings });
  });

  it("that is wrong means the defaults", () => {
    for (const hash of ["#nowhere", "#two?chains=1e9&dt=no&digits=11&k=2.5&rate=&ask=six", "%%%"]) {
      expect(decodeLink(hash)).toEqual({ view: "two", settings: defaults });
    }
  });
});

describe("a training in slices", () => {
  const images: ImageSet = {
    width: 3,
    height: 2,
    count: 10,
    pixels: Uint8Array.from({ length: 60 }, (_, at) => (37 * at) % 256),
    labels: undefined,
    source: "test",
  };
  const task: TrainingTask = { id: "a", images, name: "test", digits: undefined };
  const settings = completeSettings({
    "held-out": 2,
    chains: 4,
    batch: 5,
    gain: 2,
    "initial-bias": "data",
    "negative-phase": "pcd-2",
    "step-size": 0.05,
    updates: 25,
    rate: 0.01,
    seed: 5,
  });

  it("is the training of a run that was never cut, and stops at every checkpoint", async () => {
    const backend = createReferenceBackend();
    const data = await prepareData(images, settings);
    const whole = await backend.open(sessionOf(settings, data));
    const kept: Checkpoint[] = [];
    const sink = {
      addMetrics() {},
      setState() {},
      writeCheckpoint: (checkpoint: Checkpoint) => kept.push(checkpoint),
    };
    for await (const _ of trainRun({ session: whole, settings, data, sink }));

    const training = await Training.begin(task, settings);
    // A session of the lab has room for more states than a batch.
    const sliced = await backend.open({ ...sessionOf(settings, data), batch: 8 });
    writeNetwork(sliced, { units: 6, ...training.state });
    const stops: number[] = [];
    while (!training.finished) {
      await training.slice(sliced);
      if (isCheckpoint(training.state.update)) stops.push(training.state.update);
    }
    expect(stops).toEqual([10, 20]);
    expect(training.encode()).toEqual(encodeCheckpoint(kept.at(-1)!));
    expect(training.rows.at(-1)?.update).toBe(25);
    await backend.close();
  });

  it("keeps its split whatever seed it goes on with, and takes that of a run", async () => {
    const training = await Training.begin(task, settings);
    const { split, heldOutSha256 } = training.data;
    training.settings = { ...settings, seed: 6 };
    const recalled = await Training.recall(training.task, training);
    expect(recalled.data).toMatchObject({ split, heldOutSha256 });

    const given = { ...split, training: [9, 8, 7, 6, 5, 4, 3, 2], heldOut: [0, 1] };
    const taken = await Training.begin({ ...task, split: given }, settings);
    expect(taken.data.heldOut.pixels).toEqual(images.pixels.subarray(0, 12));
  });

  it("goes back to the settings with which it came to a checkpoint", async () => {
    const backend = createReferenceBackend();
    const training = await Training.begin(task, settings);
    const session = await backend.open(sessionOf(settings, training.data));
    writeNetwork(session, { units: 6, ...training.state });
    const states: TrainingState[] = [training.state];
    while (training.state.update < 20) {
      await training.slice(session);
      if (!isCheckpoint(training.state.update)) continue;
      states.push(training.state);
      training.addCheckpoint();
      training.settings = { ...training.settings, rate: 0.9, updates: 40 };
    }
    expect(training.rewind(states[1]!)).toEqual([20]);
    expect(training.settings).toEqual({ ...settings, updates: 40 });
    expect(training.state).toBe(states[1]);
    expect(training.rows.at(-1)?.update).toBe(10);
    expect(training.checkpoints.map(({ update }) => update)).toEqual([0, 10]);
    await backend.close();
  });
});
