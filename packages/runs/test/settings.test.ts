// Settings, plans and names describe the same training, in both directions.
import {
  antisymmetricNetwork,
  dataStart,
  fittedBias,
  gaussianStart,
  integrators,
  type NegativePhase,
  negativePhaseKinds,
  type Optimizer,
  optimizerKinds,
  randomNetwork,
  scheduleKinds,
  trainingDefaults,
} from "@neural-langevin/core";
import { describe, expect, it } from "vitest";
import {
  chainStartOf,
  completeSettings,
  formatNegativePhase,
  initialNetwork,
  parseNegativePhase,
  planOf,
  readSettings,
  sessionOf,
  settingsOfPlan,
} from "../src/index.js";

const phases: readonly NegativePhase[] = [
  { kind: "persistent", steps: 10, feedbackOffSteps: 3 },
  { kind: "persistent", steps: 1, restartEvery: 200, feedbackOffSteps: 0 },
  { kind: "random-restart", steps: 500, feedbackOffSteps: 0 },
  { kind: "time-average", steps: 2600, burnIn: 600, every: 20, feedbackOffSteps: 7 },
  { kind: "tempering", steps: 20, temperatures: [0.5, 0.7, 1], feedbackOffSteps: 0 },
  { kind: "none" },
];
const read = (given: Record<string, unknown>) => readSettings(given, (name) => `--${name}`);

describe("a plan", () => {
  it("and its settings describe each other, for every phase, optimizer, schedule and integrator", () => {
    expect([...new Set(phases.map(({ kind }) => kind))]).toEqual(negativePhaseKinds);
    for (const negativePhase of phases) {
      for (const optimizer of optimizerKinds.map((kind): Optimizer => ({ kind }))) {
        for (const kind of scheduleKinds) {
          for (const integrator of integrators) {
            const plan = {
              updates: 77,
              batch: 12,
              negativePhase,
              temperature: 0.5,
              dt: 0.02,
              integrator,
              optimizer,
              learningRate: 3e-3,
              schedule: { kind, warmUp: 4 },
              clip: 0.3,
              decay: 1e-6,
              dataNoise: 0.7,
              averageFrom: 0.6,
            };
            const settings = completeSettings(settingsOfPlan(plan));
            expect(planOf(settings)).toEqual(plan);
            // As YAML or flags they are read back as they were.
            expect(completeSettings(read(settings))).toEqual(settings);
            expect(completeSettings(settingsOfPlan(planOf(settings)))).toEqual(settings);
          }
        }
      }
    }
  });

  it("of no settings is that of core's defaults", () => {
    expect(planOf(completeSettings({}))).toMatchObject(trainingDefaults);
  });

  it("with constants of Adam that no setting records is refused", () => {
    const plan = { ...planOf(completeSettings({})), optimizer: { kind: "adam", beta2: 0.99 } };
    expect(() => settingsOfPlan(plan as Parameters<typeof settingsOfPlan>[0])).toThrow(
      "No setting stands for a beta2 of 0.99.",
    );
    const usual = { kind: "adam", beta1: 0.9, epsilon: 1e-8 } as const;
    expect(settingsOfPlan({ ...plan, optimizer: usual })).toMatchObject({ optimizer: "adam" });
  });

  it("refuses a time average that no state enters", () => {
    const settings = completeSettings(read({ "negative-phase": "time-average-300" }));
    expect(() => planOf(settings)).toThrow(/burn-in of 600 steps leaves no state/);
    expect(planOf({ ...settings, "burn-in": 200 }).negativePhase).toMatchObject({ every: 20 });
  });
});

describe("the name of a negative phase", () => {
  it("says its kind and its steps", () => {
    expect(phases.map(formatNegativePhase)).toEqual([
      "pcd-10",
      "pcd-1",
      "rdm-500",
      "time-average-2600",
      "tempering-20",
      "none",
    ]);
    expect(parseNegativePhase("rdm-5")).toEqual({ kind: "random-restart", steps: 5 });
    expect(() => parseNegativePhase("tempering-5")).toThrow(/needs a ladder/);
    for (const name of ["pcd", "pcd-0", "pcd-1.5", "PCD-10", "none-1", "", "rdm-10 "]) {
      expect(() => parseNegativePhase(name), name).toThrow(/A negative phase is pcd-K/);
    }
  });
});

describe("the initial network", () => {
  const data = { units: 4, states: Float32Array.from({ length: 20 }, (_, at) => Math.sin(at)) };

  it("has the bias that the settings name", async () => {
    const network = randomNetwork({ units: 4, gain: 1, seed: 9 });
    const given = { gain: 1, seed: 9 };
    expect(await initialNetwork(completeSettings(given), data)).toEqual(network);
    const settings = completeSettings({ ...given, "initial-bias": "data" });
    const bias = await fittedBias(network, data.states);
    expect(await initialNetwork(settings, data)).toEqual({ ...network, bias });
  });

  it("is antisymmetric where the settings say so", async () => {
    const settings = completeSettings({ couplings: "antisymmetric", gain: 6, seed: 9 });
    expect(await initialNetwork(settings, data)).toEqual(
      antisymmetricNetwork({ units: 4, gain: 6, seed: 9 }),
    );
  });

  it("meets chains at N(0, 1), around the mean of the data, or at draws of their Gaussian", () => {
    expect(chainStartOf(completeSettings({}), data)).toEqual({});
    const settings = completeSettings({ "chain-start": "data-mean" });
    expect(chainStartOf(settings, data)).toEqual(dataStart(data.states, 4));
    const draws = chainStartOf(completeSettings({ "chain-start": "data-gaussian" }), data);
    expect(draws).toEqual(gaussianStart(data.states, 4, { components: 50 }));
    expect(draws.components!.length).toBeGreaterThan(0);
    const near = { "chain-spread": 0.4 };
    expect(chainStartOf(completeSettings(near), data)).toEqual({ spread: 0.4 });
    const around = completeSettings({ ...near, "chain-start": "data-mean" });
    expect(chainStartOf(around, data)).toEqual(dataStart(data.states, 4, 0.4));
  });

  it("has room for averages where the settings take some", () => {
    expect(sessionOf(completeSettings({}), data).averages).toBe(false);
    expect(sessionOf(completeSettings({ "average-from": 0.6 }), data).averages).toBe(true);
  });

  it("lies in a session with no more room than there are data", () => {
    const spec = { units: 4, chains: 100, seed: 1, averages: false };
    expect(sessionOf(completeSettings({}), data)).toEqual({ ...spec, batch: 5 });
    expect(sessionOf(completeSettings({ batch: 3 }), data)).toEqual({ ...spec, batch: 3 });
  });
});

describe("settings", () => {
  it("are refused by their place", () => {
    expect(() => read({ "initial-bias": "one" })).toThrow(
      '--initial-bias takes one of zero, data, not "one".',
    );
    expect(() => read({ flavour: "sweet" })).toThrow("--flavour is not a setting.");
    expect(() => read({ "negative-phase": "pcd" })).toThrow(
      '--negative-phase takes pcd-K, rdm-K, time-average-K, tempering-K (K steps) or none, not "pcd".',
    );
  });

  it("have other names, and defaults where they are not given", () => {
    expect(read({ dt: "0.5", units: null })).toEqual({ "step-size": 0.5 });
    expect(completeSettings({ chains: undefined, rate: 1 })).toMatchObject({
      chains: 100,
      rate: 1,
    });
  });
});
