// What only this backend promises: the same bits whatever the tiles, accurate elementary functions, orderly
// loss of the device, and plain words where something is missing.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  type Backend,
  createReferenceBackend,
  isLangevinError,
  LangevinError,
  randomNetwork,
} from "@neural-langevin/core";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { openBackend } from "../src/backend.js";
import { platform } from "../src/platform-node.js";
import { allShapes, chooseShape, fits } from "../src/shapes.js";
import { whyUnavailable } from "./available.js";

const reason = await whyUnavailable();
const opened: Backend[] = [];
const keep = <T extends Backend>(backend: T): T => {
  opened.push(backend);
  return backend;
};
afterEach(async () => {
  for (const backend of opened.splice(0)) await backend.close();
});

// Compiling is most of the time on a software adapter, so tests share a backend where they can.
let choose = chooseShape;
const shared = reason
  ? undefined
  : await openBackend({}, (limits, units, chains) => choose(limits, units, chains));
afterAll(() => shared?.close());

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const codeOf = async (work: () => unknown): Promise<string> => {
  try {
    await work();
  } catch (error) {
    return isLangevinError(error) ? error.code : String(error);
  }
  return "nothing was thrown";
};

const run = {
  firstStep: 7,
  steps: 2,
  dt: 0.02,
  temperature: 0.8,
  integrator: "leimkuhler-matthews",
} as const;

/** A little training and sampling at ragged sizes; everything it leaves behind. */
async function work(backend: Backend): Promise<Float32Array[]> {
  const [units, chains, batch] = [130, 70, 37];
  const session = await backend.open({ units, chains, batch, seed: 5 });
  session.write("couplings", randomNetwork({ units, gain: 1.5, seed: 5 }).couplings);
  session.write(
    "bias",
    Float32Array.from({ length: units }, (_, unit) => Math.sin(unit)),
  );
  session.drawChains({ stream: 1, step: 0 });
  session.write(
    "batch",
    Float32Array.from({ length: batch * units }, (_, at) => Math.sin(at * at)),
  );
  session.accumulate("batch", 1);
  session.advance({ ...run, feedbackFrom: 8, pinned: Uint8Array.from({ length: units }, pin) });
  session.accumulate("chains", -1);
  const statistics = await session.read("statistics");
  session.update({
    optimizer: { kind: "sgd" },
    learningRate: 0.5,
    decay: 0.01,
    temperature: 1,
    update: 1,
  });
  session.advance({ ...run, firstStep: 9, steps: 1 });
  const result = [statistics];
  for (const slot of ["couplings", "bias", "chains"] as const)
    result.push(await session.read(slot));
  for (const source of ["chains", "batch"] as const) {
    result.push(await session.measure("energy", source), await session.measure("virial", source));
  }
  await session.close();
  return result;
}
const pin = (_: unknown, unit: number) => (unit % 9 === 4 ? 1 : 0);

const atMost = (found: Float32Array, expected: Float32Array, tolerance: number) => {
  expect(found.length).toBe(expected.length);
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const worst = found.reduce(
    (most, value, at) => Math.max(most, Math.abs(value - expected[at]!)),
    0,
  );
  expect(worst).toBeLessThanOrEqual(tolerance * scale);
};

describe.skipIf(reason)(`tiles${reason ? ` (${reason})` : ""}`, () => {
  it("of every shape follow the definitions, and give the same bits", async () => {
    const expected = await work(createReferenceBackend());
    let first: Float32Array[] | undefined;
    for (const shape of allShapes) {
      choose = () => shape;
      const found = await work(shared!);
      found.forEach((values, at) => {
        atMost(values, expected[at]!, 1e-5);
      });
      first ??= found;
      expect(found, shape.name).toEqual(first);
    }
    choose = chooseShape;
  });
});

describe("the choice of tiles", () => {
  const least = { maxComputeWorkgroupStorageSize: 16_384, maxComputeInvocationsPerWorkgroup: 256 };

  it("is what fits the device and keeps it busy", () => {
    expect(allShapes.every((shape) => fits(shape, least))).toBe(true);
    expect(chooseShape(least, 784, 1000).name).toBe("usual");
    expect(chooseShape(least, 784, 100).name).toBe("small");
    expect(chooseShape(least, 784, 1).name).toBe("narrow");
    expect(chooseShape(least, 10, 1000).name).toBe("flat");
    const compact = { ...least, maxComputeInvocationsPerWorkgroup: 64 };
    expect(chooseShape(compact, 784, 1000).name).toBe("small");
  });
});

describe.skipIf(reason)(`tanh${reason ? ` (${reason})` : ""}`, () => {
  it("is within 2e-6 of the truth relatively, odd, and never beyond ±1", async () => {
    const backend = shared!;
    // One unit that drives another: after a step without noise, x₁ = dt·φ(x₀) shows φ itself.
    const chains = 4001;
    const x = Float32Array.from({ length: chains }, (_, at) => ((at - 2000) / 2000) ** 5 * 1e4);
    const session = await backend.open({ units: 2, chains, seed: 1 });
    session.write("couplings", Float32Array.of(0, 0, 1, 0));
    const states = new Float32Array(2 * chains);
    x.forEach((value, at) => {
      states[2 * at] = value;
    });
    session.write("chains", states);
    const step = { firstStep: 0, steps: 1, dt: 1, temperature: 0, feedbackFrom: 1 };
    session.advance({ ...step, integrator: "euler-maruyama" });
    const after = await session.read("chains");
    for (let chain = 0; chain < chains; chain++) {
      const found = after[2 * chain + 1]!;
      const due = Math.tanh(x[chain]!);
      expect(Math.abs(found - due)).toBeLessThanOrEqual(2e-6 * Math.abs(due));
      expect(Math.abs(found)).toBeLessThanOrEqual(1);
      expect(found).toBe(-after[2 * (chains - 1 - chain) + 1]! + 0);
    }
  });
});

/** A backend, and a look at its device that does not keep it. */
async function observed() {
  const gpu = await platform.findGpu();
  let device: WeakRef<GPUDevice> | undefined;
  const watched = {
    async requestAdapter(options?: GPURequestAdapterOptions) {
      const adapter = (await gpu.requestAdapter(options))!;
      const request = adapter.requestDevice.bind(adapter);
      adapter.requestDevice = async (descriptor) => {
        const opened = await request(descriptor);
        device = new WeakRef(opened);
        return opened;
      };
      return adapter;
    },
  } as unknown as GPU;
  return {
    backend: await openBackend({ gpu: watched }, chooseShape),
    device: () => device!.deref(),
  };
}

describe.skipIf(reason)(`a lost device${reason ? ` (${reason})` : ""}`, () => {
  const [units, chains] = [33, 12];
  const spec = { units, chains, seed: 3 };
  const { couplings } = randomNetwork({ units, gain: 1.5, seed: 5 });

  it("has its own code, and a session opened anew goes on bit for bit", async () => {
    const { backend, device } = await observed();
    keep(backend);
    const session = await backend.open(spec);
    session.write("couplings", couplings);
    session.drawChains({ stream: 1, step: 0 });
    session.advance({ ...run, firstStep: 0, steps: 3 });
    const kept = await session.read("chains");
    session.advance({ ...run, firstStep: 3, steps: 4 });
    const expected = await session.read("chains");

    session.advance({ ...run, firstStep: 7, steps: 2000 });
    const pending = codeOf(() => session.read("chains"));
    await Promise.resolve();
    device()!.destroy();
    expect(await pending).toBe("device-lost");
    expect(await codeOf(() => session.read("chains"))).toBe("device-lost");
    expect(await codeOf(() => session.synchronize())).toBe("device-lost");
    await session.close();
    expect(await codeOf(() => session.synchronize())).toBe("closed");

    const again = await backend.open(spec);
    again.write("couplings", couplings);
    again.write("chains", kept);
    again.advance({ ...run, firstStep: 3, steps: 4 });
    expect(await again.read("chains")).toEqual(expected);
  });

  it("leaves sessions and the backend closable", async () => {
    const { backend, device } = await observed();
    keep(backend);
    const session = await backend.open(spec);
    device()!.destroy();
    expect(await codeOf(() => session.synchronize())).toBe("device-lost");
    await backend.close();
    expect(await codeOf(() => backend.open(spec))).toBe("closed");
  });

  it("is let go, with its memory and threads, once its backend is closed", async () => {
    const closed = await observed().then(async ({ backend, device }) => {
      const session = await backend.open(spec);
      session.drawChains({ stream: 1, step: 0 });
      await session.synchronize();
      await session.close();
      await backend.close();
      return device;
    });
    await expect
      .poll(() => {
        collectGarbage();
        return closed();
      })
      .toBeUndefined();
  });
});

describe.skipIf(reason)(`long runs${reason ? ` (${reason})` : ""}`, () => {
  it("are the same bits in any number of submissions, and end promptly when closed", async () => {
    const backend = shared!;
    const spec = { units: 5, chains: 3, seed: 1 };
    const results: Float32Array[] = [];
    for (const pieces of [[600], [1, 299, 300]]) {
      const session = await backend.open(spec);
      session.drawChains({ stream: 1, step: 0 });
      let firstStep = 0;
      for (const steps of pieces) {
        session.advance({ ...run, firstStep, steps });
        firstStep += steps;
      }
      results.push(await session.read("chains"));
      await session.close();
    }
    expect(results[1]).toEqual(results[0]);

    const session = await backend.open({ units: 300, chains: 300, seed: 1 });
    session.advance({ ...run, steps: 1_000_000 });
    const pending = codeOf(() => session.read("chains"));
    await session.close();
    expect(await pending).toBe("closed");
  });
});

describe("what is missing", () => {
  it("is unavailable, by name and with a remedy", async () => {
    const none = { requestAdapter: async () => null } as unknown as GPU;
    const failure = await openBackend({ gpu: none }, chooseShape).catch((error) => error);
    expect(failure).toBeInstanceOf(LangevinError);
    expect(failure.code).toBe("unavailable");
    expect(failure.message).toMatch(/no adapter/);
    expect(failure.remedy).toMatch(/libvulkan1/);
  });

  it.skipIf(reason)("sizes that fit no binding together are refused", async () => {
    const backend = shared!;
    const { limits } = backend.device;
    const huge = { units: limits.units, chains: limits.chains, seed: 1 };
    expect(await codeOf(() => backend.open(huge))).toBe("unsupported");
  });
});
