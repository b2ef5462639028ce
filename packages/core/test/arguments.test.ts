// Bad arguments of every kind are refused at the call, with a code, before anything is awaited: a generator that checked
// its arguments when it is iterated would throw far from the caller's own line.
import { describe, expect, it } from "vitest";
import {
  createMachine,
  createReferenceBackend,
  isLangevinError,
  langevin,
  randomNetwork,
  type Session,
  temper,
  train,
  writeNetwork,
} from "../src/index.js";

/** Values that no field of any plan takes. */
const wrong = ["x", Symbol("s"), 10n, true, Number.NaN, -1];
const states = new Float32Array(12).fill(0.5);
const backend = createReferenceBackend();

async function openSession(): Promise<Session> {
  const session = await backend.open({ units: 4, chains: 6, batch: 3, seed: 1, averages: true });
  writeNetwork(session, randomNetwork({ units: 4, gain: 1, seed: 1 }));
  return session;
}

/** Expects a plan to be accepted as it is, and refused at the call with any wrong value in one of the fields. */
function refuses(call: (plan: never) => unknown, plan: object, fields: readonly string[]): void {
  expect(() => call(plan as never)).not.toThrow();
  for (const field of fields) {
    for (const value of wrong) {
      const what = `${field}: ${String(value)}`;
      try {
        call({ ...plan, [field]: value } as never);
      } catch (error) {
        expect(isLangevinError(error), `${what} throws ${String(error)}`).toBe(true);
        continue;
      }
      expect.fail(`${what} is accepted.`);
    }
  }
  for (const value of [undefined, null, 1, "plan", states]) {
    expect(() => call(value as never), String(value)).toThrow(
      expect.objectContaining({ code: "invalid-value" }),
    );
  }
}

const stages = [{ steps: 2, temperature: 1 }];
const chainFields = ["dt", "integrator", "start", "firstStep", "pinned", "signal"];
const trainingFields = [
  "updates",
  "negativePhase",
  "temperature",
  "dt",
  "integrator",
  "optimizer",
  "learningRate",
  "schedule",
  "decay",
  "dataNoise",
  "clip",
  "batch",
  "chainStart",
  "averageFrom",
];

describe("bad arguments are refused at the call", () => {
  it("of langevin", async () => {
    const session = await openSession();
    const fields = [...chainFields, "stages", "every", "at", "feedbackFrom"];
    refuses((plan) => langevin(session, plan), { dt: 0.01, stages }, fields);
    refuses((stage) => langevin(session, { dt: 0.01, stages: [stage] }), stages[0]!, [
      "steps",
      "temperature",
    ]);
    expect(() => langevin(undefined as never, { dt: 0.01, stages })).toThrow("the session");
    expect(() => langevin(session, { dt: 0.01, stages, at: [2, 1] })).toThrow("at must be");
  });

  it("of temper", async () => {
    const session = await openSession();
    const plan = { temperatures: [1, 2], sweeps: 1, steps: 1, dt: 0.01 };
    const fields = [...chainFields, "temperatures", "sweeps", "steps", "every", "rungs"];
    refuses((one) => temper(session, one), plan, fields);
  });

  it("of train", async () => {
    const session = await openSession();
    refuses((plan) => train(session, states, plan), { updates: 1 }, trainingFields);
    const options = ["from", "reportEvery", "reportAt", "signal", "now", "known", "companions"];
    for (const field of options) {
      for (const value of wrong) {
        const given = { [field]: value } as never;
        expect(() => train(session, states, { updates: 1 }, given)).toThrow(
          expect.objectContaining({ code: "invalid-value" }),
        );
      }
    }
    expect(() => train(session, [...states] as never, { updates: 1 })).toThrow("data must be");
    // States are no Gaussian, although arrays are objects.
    expect(() => train(session, states, { updates: 1, chainStart: states as never })).toThrow(
      "chainStart must be an object",
    );
  });

  it("of a machine", async () => {
    await using machine = await createMachine(backend, { units: 4, chains: 3, batch: 3 });
    refuses((plan) => machine.train(states, plan), { updates: 1 }, [
      ...trainingFields,
      "reportEvery",
      "reportAt",
      "signal",
      "now",
      "known",
    ]);
    const fields = ["chains", "steps", "temperature", "stages", "dt", "integrator", "every", "at"];
    refuses((plan) => machine.langevin(plan), { steps: 1 }, [
      ...fields,
      "pinned",
      "start",
      "signal",
    ]);
    const tempering = { kind: "tempering", steps: 1 } as never;
    expect(() => machine.train(states, { updates: 1, negativePhase: tempering })).toThrow(
      "temperatures must be a list",
    );
    expect(machine.updates).toBe(0);
  });

  it("of createMachine, which rejects", async () => {
    const fields = [
      "network",
      "state",
      "sampling",
      "labelUnits",
      "seed",
      "chains",
      "batch",
      "gain",
    ];
    for (const field of fields) {
      for (const value of wrong) {
        await expect(
          createMachine(backend, { units: 4, [field]: value } as never),
          `${field}: ${String(value)}`,
        ).rejects.toMatchObject({ code: "invalid-value" });
      }
    }
    const sampling = { dt: -1 };
    await expect(createMachine(backend, { units: 4, sampling })).rejects.toThrow("dt must be");
  });
});
