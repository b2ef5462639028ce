// Which mode computes, what is refused, and that long runs let others work.
import { createGpuJsBackend, type GpuClass, type GpuJsMode } from "@neural-langevin/backend-gpujs";
import { createReferenceBackend, randomNetwork } from "@neural-langevin/core";
import gpujs from "gpu.js";
import { describe, expect, it } from "vitest";

const run = { firstStep: 0, dt: 0.01, temperature: 1, integrator: "euler-maruyama" } as const;
const { GPU } = gpujs as unknown as { GPU: GpuClass };

describe("the mode", () => {
  it("that does not exist is refused", async () => {
    const mode = "gpu" as GpuJsMode;
    await expect(createGpuJsBackend({ mode })).rejects.toMatchObject({ code: "invalid-value" });
  });

  it.each(["webgl2", "webgl"] as const)(
    "%s is unavailable in Node, with a remedy",
    async (mode) => {
      await expect(createGpuJsBackend({ mode })).rejects.toMatchObject({
        code: "unavailable",
        message: `The mode ${mode} needs a browser.`,
        remedy: expect.stringContaining("browser"),
      });
    },
  );

  it("without a name is WebAssembly where Node has no GL, and the report says why", async () => {
    class WithoutGl extends GPU {
      constructor(settings: { mode: GpuJsMode }) {
        if (settings.mode === "headlessgl") throw new Error("not supported");
        super(settings);
      }
    }
    const backend = await createGpuJsBackend({ GPU: WithoutGl });
    expect(backend.device.label).toBe("WebAssembly");
    expect(backend.device.details[0]).toBe("gpu.js in the mode webasm");
    expect(backend.device.details[1]).toMatch(/^not headlessgl: The package gl/);
    await backend.close();
  });

  it("is never the processor in silence, whether gpu.js chose it or moved a kernel to it", async () => {
    class Other extends GPU {
      constructor() {
        super({ mode: "cpu" });
      }
    }
    class Moved extends GPU {
      readonly other = new GPU({ mode: "cpu" });
      override createKernel(source: string, settings: object) {
        return this.other.createKernel(source, settings);
      }
    }
    for (const one of [Other, Moved]) {
      await expect(createGpuJsBackend({ mode: "webasm", GPU: one })).rejects.toMatchObject({
        code: "unavailable",
        message: expect.stringContaining("on the processor"),
      });
    }
  });
});

describe("a session", () => {
  it("sums over more units than gpu.js loops by default", async () => {
    const spec = { units: 1201, chains: 2, seed: 1 };
    const { couplings } = randomNetwork({ units: 1201, gain: 1, seed: 1 });
    const chains = Float32Array.from({ length: 2402 }, (_, at) => Math.sin(at));
    const measured: Float32Array[] = [];
    for (const backend of [
      await createGpuJsBackend({ mode: "webasm" }),
      await createGpuJsBackend({ mode: "cpu" }),
      createReferenceBackend(),
    ]) {
      const session = await backend.open(spec);
      session.write("couplings", couplings);
      session.write("chains", chains);
      measured.push(await session.measure("virial", "chains"));
      await backend.close();
    }
    for (const found of measured.slice(0, 2)) {
      found.forEach((value, at) => {
        expect(Math.abs(value / measured[2]![at]! - 1)).toBeLessThan(1e-5);
      });
    }
  });

  it("whose states are more than one matrix holds is refused before anything is allocated", async () => {
    const backend = await createGpuJsBackend({ mode: "webasm" });
    const { units, chains } = backend.device.limits;
    const before = process.memoryUsage().arrayBuffers;
    await expect(backend.open({ units, chains, seed: 1 })).rejects.toMatchObject({
      code: "unsupported",
      remedy: expect.stringContaining("firstChain"),
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
    await backend.close();
  });

  it("reads back the smallest numbers and the sign of zero as they were written", async () => {
    const backend = await createGpuJsBackend({ mode: "webasm" });
    const session = await backend.open({ units: 3, chains: 1, seed: 1 });
    const values = Float32Array.of(1e-45, -0, -3e-39);
    session.write("chains", values);
    const energies = await session.measure("energy", "chains");
    expect(energies[0]).toBeLessThan(1e-30);
    const read = await session.read("chains");
    read.forEach((value, at) => {
      expect(Object.is(value, values[at])).toBe(true);
    });
    await backend.close();
  });

  it("lets the event loop breathe in a long run, and closes in the middle of it", async () => {
    const backend = await createGpuJsBackend({ mode: "cpu" });
    const session = await backend.open({ units: 30, chains: 30, seed: 1 });
    session.advance({ ...run, steps: 1_000_000 });
    const pending = session.synchronize();
    const rejected = expect(pending).rejects.toMatchObject({ code: "closed" });
    // A million steps take minutes; each of these timers has its turn in between.
    for (let tick = 0; tick < 20; tick++) await new Promise((resolve) => setTimeout(resolve, 1));
    await session.close();
    await rejected;
    await backend.close();
  });
});
