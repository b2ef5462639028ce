// The parts of the lab that need no browser: its small machine file, its links, and a training in slices.
import {
  type CompleteTrainingPlan,
  createReferenceBackend,
  readTrainingState,
  train,
} from "@neural-langevin/core";
import { decodeNetwork } from "@neural-langevin/runs";
import { describe, expect, it } from "vitest";
import { isCheckpoint, type Lesson, Training } from "../src/engine/training.js";
import { decodeLink, defaults, encodeLink } from "../src/state/settings.js";
import { packMachine, unpackMachine } from "../tools/packed-machine.mjs";

const couplings = Float32Array.from({ length: 49 }, (_, at) => Math.sin(7 * at) * (at % 7));

describe("a packed machine", () => {
  it("keeps couplings to half a step of their row, and the bias exactly", () => {
    const bias = Float32Array.from({ length: 7 }, (_, at) => at / 3);
    const file = packMachine({ units: 7, couplings, bias }, { labels: "1,3" });
    const { machine, metadata } = unpackMachine(file, "packed");
    expect(metadata).toEqual({ labels: "1,3" });
    expect(machine.bias).toEqual(bias);
    couplings.forEach((value, at) => {
      const row = couplings.subarray(7 * Math.floor(at / 7), 7 * Math.floor(at / 7) + 7);
      const half = Math.max(...row.map(Math.abs)) / 254;
      expect(Math.abs(machine.couplings[at]! - value)).toBeLessThanOrEqual(half * 1.0001);
    });
    expect(() => decodeNetwork(file, "packed")).toThrow(/not float32/);
  });
});

describe("a link", () => {
  it("says only what is not the default, and says it exactly", () => {
    expect(encodeLink("dream", defaults)).toBe("#dream");
    const settings = { ...defaults, temperature: 0.3, digits: "027", feedback: false };
    const link = encodeLink("train", settings);
    expect(decodeLink(link)).toEqual({ view: "train", settings });
  });

  it("that is wrong means the defaults", () => {
    for (const hash of ["#nowhere", "#dream?chains=1e9&dt=no&digits=11&k=2.5&rate=", "%%%"]) {
      expect(decodeLink(hash)).toEqual({ view: "dream", settings: defaults });
    }
  });
});

describe("a training in slices", () => {
  const plan: CompleteTrainingPlan = {
    updates: 25,
    negativePhase: { kind: "persistent", steps: 2 },
    temperature: 1,
    dt: 0.05,
    integrator: "leimkuhler-matthews",
    optimizer: { kind: "adam" },
    learningRate: 0.01,
    schedule: { kind: "linear" },
    decay: 0,
  };
  const lesson: Lesson = {
    states: Float32Array.from({ length: 60 }, (_, at) => Math.cos(at)),
    units: 6,
    chains: 4,
    seed: 5,
    gain: 2,
    about: undefined,
  };

  it("is the training that was never cut, and stops at every checkpoint", async () => {
    const backend = createReferenceBackend();
    const begun = Training.begin(lesson, plan);
    const open = async () => {
      const session = await backend.open({ units: 6, chains: 4, batch: 5, seed: 5 });
      session.write("couplings", begun.state.couplings);
      session.write("bias", begun.state.bias);
      return session;
    };
    const whole = await open();
    for await (const _ of train(whole, lesson.states, plan, { reportEvery: 25 }));
    const sliced = await open();
    const stops: number[] = [];
    while (!begun.finished) {
      await begun.slice(sliced);
      if (isCheckpoint(begun.state.update)) stops.push(begun.state.update);
    }
    expect(stops).toEqual([10, 20]);
    expect(begun.state).toEqual(await readTrainingState(whole, 25));
    expect(begun.rows.at(-1)?.update).toBe(25);
    begun.rewind({ ...begun.state, update: 10 });
    expect(begun.rows.at(-1)?.update).toBe(10);
    await backend.close();
  });
});
