// A machine in a file is the same machine: it goes on with its training and samples as if it had never been closed.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import {
  type Backend,
  createMachine,
  dataStart,
  gaussianStart,
  type Network,
  randomNetwork,
} from "@neural-langevin/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  decodeMachine,
  decodeNetwork,
  encodeMachine,
  encodeNetwork,
  encodeSafetensors,
} from "../src/index.js";
import { loadMachine, saveMachine } from "../src/node.js";
import { codeOf } from "./known.js";

const data = Float32Array.from({ length: 12 * 5 }, (_, at) => Math.sin(at * at));
const plan = { dt: 0.05, learningRate: 0.01 };
const options = { units: 5, chains: 8, batch: 4, seed: 2 } as const;

const parametersOf = ({ couplings, bias }: Network) => ({ couplings, bias });

let backend: Backend;
let folder: string;
beforeAll(async () => {
  backend = await createCpuBackend({ build: "plain", threads: 1 });
  folder = mkdtempSync(join(tmpdir(), "nlm-machines-"));
});
afterAll(async () => {
  await backend.close();
  rmSync(folder, { recursive: true });
});

describe.each(["tanh", "identity"] as const)("a machine of %s", (activation) => {
  it("that is saved and loaded learns on as if it had not been", async () => {
    await using whole = await createMachine(backend, { ...options, gain: 0.5, activation });
    for await (const _ of whole.train(data, { ...plan, updates: 9 }));

    const file = join(folder, `${activation}.safetensors`);
    await using first = await createMachine(backend, { ...options, gain: 0.5, activation });
    const stop = { aborted: false };
    const training = first.train(data, { ...plan, updates: 9, reportEvery: 1, signal: stop });
    const stopped = (async () => {
      for await (const { update } of training) stop.aborted = update === 3;
    })();
    expect(await codeOf(stopped)).toBe("aborted");
    await saveMachine(file, first);

    await using second = await loadMachine(backend, file);
    expect(second.updates).toBe(4);
    expect(second.session.spec).toEqual(first.session.spec);
    for await (const _ of second.train(data, { ...plan, updates: 9 }));
    expect(await second.state()).toEqual(await whole.state());
    const sampling = { chains: 3, steps: 10 };
    expect(await second.sample(sampling)).toEqual(await whole.sample(sampling));
  });
});

describe("the bytes of a machine", () => {
  it.each([
    ["the mean of data", dataStart(data, 5, 0.5)],
    ["draws of their Gaussian", gaussianStart(data, 5, { components: 3 })],
  ])("keep its averages, and how it is sampled, from %s", async (_, chainStart) => {
    const learned = { ...plan, updates: 6, temperature: 0.7, averageFrom: 0.5, chainStart };
    await using machine = await createMachine(backend, options);
    for await (const _ of machine.train(data, learned));
    const bytes = await encodeMachine(machine);
    await using again = await decodeMachine(backend, bytes, "averaged");
    expect(await again.network()).toEqual(await machine.network());
    expect(again.sampling).toEqual({ dt: 0.05, temperature: 0.7, chainStart });
    const sampling = { chains: 3, steps: 10 };
    expect(await again.sample(sampling)).toEqual(await machine.sample(sampling));
    // What only wants a network gets the averages, and how chains are run.
    const { couplings, bias, sampling: how } = decodeNetwork(bytes, "averaged");
    expect({ couplings, bias }).toMatchObject(await machine.network().then(parametersOf));
    expect(couplings).not.toEqual(await machine.session.read("couplings"));
    expect(how).toEqual(machine.sampling);
  });

  it("that has not begun to train are that machine", async () => {
    await using fresh = await createMachine(backend, options);
    const bytes = await encodeMachine(fresh);
    await using again = await decodeMachine(backend, bytes, "fresh");
    for (const machine of [fresh, again]) {
      for await (const _ of machine.train(data, { ...plan, updates: 3 }));
    }
    expect(await again.state()).toEqual(await fresh.state());
  });

  it("that are only a network begin to train from it", async () => {
    const network = randomNetwork({ units: 5, gain: 1, seed: 6, activation: "identity" });
    const bytes = encodeNetwork(network, { update: "40", temperature: "1" });
    await using machine = await decodeMachine(backend, bytes, "network", { chains: 3, seed: 5 });
    expect(machine.session.spec).toMatchObject({ chains: 3, seed: 5, activation: "identity" });
    expect(machine.updates).toBe(0);
    expect(await machine.network()).toEqual(network);
  });

  it("count less than what is asked for, but their chains cannot change", async () => {
    await using machine = await createMachine(backend, options);
    const bytes = await encodeMachine(machine);
    await using other = await decodeMachine(backend, bytes, "m", { batch: 7, seed: 1, chains: 8 });
    expect(other.session.spec).toMatchObject({ batch: 7, seed: 1, chains: 8 });
    await expect(decodeMachine(backend, bytes, "m.safetensors", { chains: 9 })).rejects.toThrow(
      "The training of m.safetensors has 8 chains, not 9.",
    );
  });

  it("with metadata that mean nothing are refused by name", async () => {
    const tensor = (...shape: number[]) => ({
      shape,
      values: new Float32Array(shape.reduce((product, size) => product * size)),
    });
    const tensors = {
      couplings: tensor(1, 1),
      bias: tensor(1),
      chains: tensor(1, 1),
      moments: tensor(4),
    };
    const cases: [Record<string, string>, RegExp][] = [
      [{}, /^file is not a checkpoint/],
      [{ update: "1.5" }, /its update is "1.5", not a whole number/],
      [{ update: "1", seed: "" }, /its seed is "", not a whole number/],
      [{ update: "1", batch: "-2" }, /its batch is "-2"/],
      [{ update: "1", activation: "relu" }, /its activation is "relu", and only tanh, identity/],
    ];
    for (const [metadata, problem] of cases) {
      const bytes = encodeSafetensors({ tensors, metadata });
      const work = decodeMachine(backend, bytes, "file");
      await expect(work).rejects.toThrow(problem);
      expect(await codeOf(work)).toBe("bad-file");
    }
  });

  it("are looked for where they are named", async () => {
    expect(await codeOf(loadMachine(backend, join(folder, "none")))).toBe("not-found");
  });
});
