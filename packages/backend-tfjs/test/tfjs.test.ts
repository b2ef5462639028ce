// What only this backend promises: no tensor is left over, the event loop breathes, other users of TensorFlow.js
// keep their backend, chains do not depend on each other at any size, and what is missing has a name.
import { cpus } from "node:os";
import { createTfjsBackend, type TensorFlow } from "@neural-langevin/backend-tfjs";
import { LangevinError, randomNetwork, type Session } from "@neural-langevin/core";
import * as tfjs from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";

// The instance that the backend imports as well.
const tf = (tfjs as unknown as { default?: typeof tfjs }).default ?? tfjs;
const integrator = "leimkuhler-matthews";
const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error as LangevinError,
  );

async function open(session: Promise<Session>): Promise<Session> {
  const opened = await session;
  const { units, batch } = opened.spec;
  opened.write("couplings", randomNetwork({ units, gain: 2, seed: 1 }).couplings);
  if (batch) opened.write("batch", new Float32Array(batch * units).fill(0.3));
  opened.drawChains({ stream: 1, step: 0 });
  return opened;
}

describe("tensors", () => {
  for (const platform of ["wasm", "cpu"] as const) {
    it(`are not left over after 1000 steps and after closing (${platform})`, async () => {
      const backend = await createTfjsBackend({ platform });
      const before = tf.memory().numTensors;
      const session = await open(backend.open({ units: 9, chains: 4, batch: 3, seed: 1 }));
      await session.synchronize();
      const opened = tf.memory().numTensors;
      expect(opened).toBeGreaterThan(before);
      for (let update = 1; update <= 100; update++) {
        session.accumulate("batch", 1);
        session.advance({
          firstStep: 10 * update,
          steps: 10,
          dt: 0.05,
          temperature: 1,
          integrator,
        });
        session.accumulate("chains", -1);
        session.update({ optimizer: { kind: "adam" }, learningRate: 0.01, temperature: 1, update });
        await session.measure("virial", "batch");
        expect(tf.memory().numTensors).toBe(opened);
      }
      await session.close();
      expect(tf.memory().numTensors).toBe(before);
      await backend.close();
    });
  }

  it("are freed when a run is cut short", async () => {
    const backend = await createTfjsBackend({ platform: "cpu" });
    const before = tf.memory().numTensors;
    const session = await open(backend.open({ units: 50, chains: 50, seed: 1 }));
    // They would take a day.
    session.advance({ firstStep: 0, steps: 1e9, dt: 0.01, temperature: 1, integrator });
    const pending = errorOf(session.synchronize());
    for (let tick = 0; tick < 5; tick++) await new Promise((resolve) => setTimeout(resolve, 1));
    await session.close();
    expect((await pending)?.code).toBe("closed");
    expect(tf.memory().numTensors).toBe(before);
    await backend.close();
  });
});

it("leaves the backend that others have made active in TensorFlow.js", async () => {
  const [wasm, cpu] = [
    await createTfjsBackend({ platform: "wasm" }),
    await createTfjsBackend({ platform: "cpu" }),
  ];
  await tf.setBackend("cpu");
  const sessions = await Promise.all(
    [wasm, cpu].map((one) => open(one.open({ units: 8, chains: 3, seed: 1 }))),
  );
  for (const session of sessions) {
    session.advance({ firstStep: 0, steps: 5, dt: 0.05, temperature: 1, integrator });
  }
  const [a, b] = await Promise.all(sessions.map((session) => session.read("chains")));
  expect(tf.getBackend()).toBe("cpu");
  a!.forEach((value, at) => {
    expect(value).toBeCloseTo(b![at]!, 4);
  });
  await Promise.all([wasm.close(), cpu.close()]);
});

it("computes a chain alone as it does among others, at the paper's size", async () => {
  const backend = await createTfjsBackend({ platform: "wasm" });
  const states = async (firstChain: number, chains: number) => {
    const session = await open(backend.open({ units: 784, chains, firstChain, seed: 3 }));
    session.advance({ firstStep: 0, steps: 2, dt: 0.05, temperature: 1, integrator });
    const x = await session.read("chains");
    await session.close();
    return x;
  };
  const whole = await states(0, 30);
  for (const [first, chains] of [
    [7, 1],
    [11, 19],
  ] as const) {
    const expected = whole.slice(first * 784, (first + chains) * 784);
    expect(await states(first, chains)).toEqual(expected);
  }
  await backend.close();
});

describe("what is not here", () => {
  it("is unavailable by name, with the remedy", async () => {
    const error = await errorOf(createTfjsBackend({ platform: "node-gpu" }));
    expect(error).toBeInstanceOf(LangevinError);
    expect(error).toMatchObject({
      code: "unavailable",
      message:
        "TensorFlow.js on node-gpu is not available: @tensorflow/tfjs-node-gpu is not installed.",
      remedy: "Install @tensorflow/tfjs-node-gpu beside this package.",
    });
    expect(await errorOf(createTfjsBackend({ platform: "webgl" }))).toMatchObject({
      code: "unavailable",
      message:
        "TensorFlow.js on webgl is not available: it does not run here; the platforms here are node-gpu, node, wasm, cpu.",
    });
  });

  it("is told of when something slower is chosen", async () => {
    const { device } = await createTfjsBackend();
    expect(device.label).toBe(cpus()[0]!.model.trim());
    expect(device.details).toEqual([
      "TensorFlow.js 4.22.0 in WebAssembly with SIMD",
      "TensorFlow.js on node-gpu is not available: @tensorflow/tfjs-node-gpu is not installed.",
      "TensorFlow.js on node is not available: @tensorflow/tfjs-node is not installed.",
    ]);
  });

  it("is a GPU when a build for CUDA finds none", async () => {
    const native = { isUsingGpuDevice: false, isGPUPackage: true };
    const { device } = await createTfjsBackend({ tf: pretend("tensorflow", native) });
    expect(device.label).toBe(cpus()[0]!.model.trim());
    expect(device.details.join()).toMatch(/built for CUDA but without a GPU here/);
  });

  it("is noise of a device that makes none", async () => {
    expect(await errorOf(createTfjsBackend({ platform: "wasm", noise: "native" }))).toMatchObject({
      code: "unsupported",
      message: "There is no native noise here: TensorFlow.js 4.22.0 in WebAssembly with SIMD.",
      remedy: expect.stringContaining("node-gpu"),
    });
  });

  it("is an injected backend that nobody knows", async () => {
    const error = await errorOf(createTfjsBackend({ tf: pretend("custom", {}) }));
    expect(error).toMatchObject({ code: "unsupported" });
  });
});

it("refuses sizes that fit one by one but not together", async () => {
  const backend = await createTfjsBackend({ platform: "wasm" });
  const { limits } = backend.device;
  const error = await errorOf(
    backend.open({ units: limits.units, chains: limits.chains, seed: 1 }),
  );
  expect(error).toMatchObject({ code: "unsupported" });
  await backend.close();
});

it("tells the next who asks that the device failed", async () => {
  const fails = {
    ...tf,
    tanh: () => {
      throw new Error("out of memory");
    },
  } as unknown as TensorFlow;
  await tf.setBackend("cpu");
  const backend = await createTfjsBackend({ tf: fails });
  const session = await backend.open({ units: 3, chains: 2, seed: 1 });
  session.advance({ firstStep: 0, steps: 1, dt: 0.01, temperature: 1, integrator });
  expect(await errorOf(session.read("chains"))).toMatchObject({
    code: "device-failed",
    message: "TensorFlow.js failed: out of memory",
  });
  expect(await errorOf(session.synchronize())).toMatchObject({ code: "device-failed" });
  const before = tf.memory().numTensors;
  await session.close();
  expect(tf.memory().numTensors).toBeLessThan(before);
  await backend.close();
});

/** A TensorFlow.js whose active backend has another name and other properties. */
const pretend = (name: string, backend: object): TensorFlow =>
  ({
    ...tf,
    ready: async () => {},
    getBackend: () => name,
    setBackend: async () => true,
    backend: () => backend,
    engine: () => ({ backendName: name, registry: { [name]: backend } }),
  }) as unknown as TensorFlow;
