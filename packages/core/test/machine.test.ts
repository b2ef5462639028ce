// A machine in a few lines is the same machine as by hand: session, network, training, chains.
import { describe, expect, it } from "vitest";
import {
  createMachine,
  createReferenceBackend,
  FRESH_CHAINS,
  isLangevinError,
  isTrainingDivergence,
  LangevinError,
  randomNetwork,
  readTrainingState,
  sample,
  train,
  writeNetwork,
} from "../src/index.js";
import { codeOf } from "./known.js";

const data = Float32Array.from({ length: 12 * 5 }, (_, at) => Math.sin(at * at));
const plan = { updates: 6, dt: 0.05, learningRate: 0.01 };

describe("a machine", () => {
  it("trains and samples as its session does by hand", async () => {
    const backend = createReferenceBackend();
    await using machine = await createMachine(backend, { units: 5, chains: 8, batch: 4, seed: 2 });
    const energies: number[] = [];
    for await (const { dataEnergy } of machine.train(data, plan)) energies.push(dataEnergy);
    const states = await machine.sample({ chains: 3, steps: 20 });

    const session = await backend.open({ units: 5, chains: 8, batch: 4, seed: 2 });
    writeNetwork(session, randomNetwork({ units: 5, gain: 2, seed: 2 }));
    const byHand: number[] = [];
    for await (const { dataEnergy } of train(session, data, plan)) byHand.push(dataEnergy);
    expect(energies).toEqual(byHand);
    expect(await machine.state()).toEqual(await readTrainingState(session, 6));
    const sampler = await backend.open({ units: 5, chains: 3, seed: 2, firstChain: FRESH_CHAINS });
    writeNetwork(sampler, await machine.network());
    const stages = [{ steps: 20, temperature: 1 }];
    expect(states).toEqual(await sample(sampler, { dt: 0.05, stages }));
  });

  it("goes on with its chains, and begins anew when it is told to", async () => {
    const backend = createReferenceBackend();
    const open = () => createMachine(backend, { units: 5 });
    const whole = await (await open()).sample({ chains: 4, steps: 30 });
    const machine = await open();
    const first = await machine.sample({ chains: 4, steps: 10 });
    expect(first).not.toEqual(whole);
    expect(await machine.sample({ steps: 20 })).toEqual(whole);
    expect(await machine.sample({ steps: 10, start: "fresh" })).not.toEqual(first);
    expect(await machine.sample({ chains: 7, steps: 1 })).toHaveLength(7 * 5);
  });

  it("samples what it has learned since", async () => {
    const machine = await createMachine(createReferenceBackend(), { units: 5, batch: 4 });
    const start = new Float32Array(5).fill(0.5);
    const before = await machine.sample({ start, steps: 5, temperature: 0 });
    for await (const _ of machine.train(data, plan));
    expect(await machine.sample({ start, steps: 5, temperature: 0 })).not.toEqual(before);
  });

  it("goes on with its training, and from a saved state, as one that never stopped", async () => {
    const backend = createReferenceBackend();
    const options = { units: 5, chains: 8, batch: 4, seed: 2 };
    const constant = { ...plan, schedule: { kind: "constant" as const } };
    const whole = await createMachine(backend, options);
    for await (const _ of whole.train(data, { ...constant, updates: 10 }));
    const halves = await createMachine(backend, options);
    for await (const _ of halves.train(data, constant));
    const saved = await halves.state();
    for await (const _ of halves.train(data, { ...constant, updates: 10 }));
    expect(await halves.state()).toEqual(await whole.state());
    const resumed = await createMachine(backend, { ...options, state: saved });
    expect(resumed.updates).toBe(6);
    for await (const _ of resumed.train(data, { ...constant, updates: 10 }));
    const [a, b] = [await resumed.network(), await whole.network()];
    // The reference computes in float64 and saves float32, which is all they differ by.
    a.couplings.forEach((value, at) => {
      expect(value).toBeCloseTo(b.couplings[at]!, 4);
    });
  });

  it("refuses what it is not made of, and backends of another contract", async () => {
    const backend = createReferenceBackend();
    const create = (options: object) => codeOf(() => createMachine(backend, options));
    expect(await create({})).toBe("invalid-value");
    expect(await create({ units: 0 })).toBe("invalid-value");
    expect(await create({ units: 5, gain: -1 })).toBe("invalid-value");
    expect(await create({ units: 5, seed: 0.5 })).toBe("invalid-value");
    expect(await codeOf(() => createMachine(backend, undefined as never))).toBe("invalid-value");
    const old = { ...backend, contractVersion: 0 };
    expect(await codeOf(() => createMachine(old, { units: 5 }))).toBe("unsupported");
    const machine = await createMachine(backend, { units: 5, batch: 4 });
    for await (const _ of machine.train(data, plan));
    expect(await codeOf(() => machine.train(data, plan))).toBe("invalid-value");
    await machine.close();
    expect(await codeOf(() => machine.sample({ steps: 1 }))).toBe("closed");
  });
});

describe("an error of this project", () => {
  it("is recognised by its brand, from another copy of this package too", async () => {
    const url = new URL("../src/errors.ts?copy", import.meta.url).href;
    const copy = (await import(/* @vite-ignore */ url)) as typeof import("../src/errors.js");
    const foreign = new copy.LangevinError("closed", "This session is closed.");
    expect(foreign).not.toBeInstanceOf(LangevinError);
    expect(isLangevinError(foreign)).toBe(true);
    expect(isLangevinError(foreign, "closed")).toBe(true);
    expect(isLangevinError(foreign, "diverged")).toBe(false);
    for (const other of [new Error("no"), undefined, null, "closed", { code: "closed" }]) {
      expect(isLangevinError(other)).toBe(false);
    }
    expect(isTrainingDivergence(new LangevinError("diverged", "Sampling diverged."))).toBe(false);
  });
});
