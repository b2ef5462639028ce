// What only this backend promises: the same bits on any number of threads, the accuracy of its elementary
// functions, a kernel made from the source beside it, and orderly failure.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CpuBuild, createCpuBackend } from "@neural-langevin/backend-cpu";
import { type Backend, isLangevinError, randomNetwork } from "@neural-langevin/core";
import { afterEach, describe, expect, it } from "vitest";
import { findNative } from "../dist/native.js";
import { builds, sourceHash, structures } from "../src/kernel.generated.js";
import { instantiate } from "../src/kernel.js";
import { layOut } from "../src/layout.js";
import { compileWasm } from "../src/wasm-build.js";

const opened: Backend[] = [];
const open = async (options: Parameters<typeof createCpuBackend>[0]) => {
  const backend = await createCpuBackend(options);
  opened.push(backend);
  return backend;
};
afterEach(async () => {
  for (const backend of opened.splice(0)) await backend.close();
});

const codeOf = async (work: () => Promise<unknown>): Promise<string> => {
  try {
    await work();
  } catch (error) {
    return isLangevinError(error) ? error.code : String(error);
  }
  return "nothing was thrown";
};

/** A little training and sampling; everything it leaves behind. */
async function work(backend: Backend): Promise<Float32Array[]> {
  const [units, chains] = [101, 67];
  const session = await backend.open({ units, chains, batch: 300, seed: 5, averages: true });
  session.write("couplings", randomNetwork({ units, gain: 1.5, seed: 5 }).couplings);
  session.drawChains({ stream: 1, step: 0 });
  session.write(
    "batch",
    Float32Array.from({ length: 300 * units }, (_, at) => Math.sin(at * at)),
  );
  for (let update = 1; update <= 3; update++) {
    session.accumulate("batch", 1);
    session.advance({
      firstStep: 4 * update,
      steps: 4,
      dt: 0.05,
      temperature: 1,
      integrator: "leimkuhler-matthews",
    });
    session.drawChains({ stream: 1, step: update, spread: 0.5, only: { first: 9, count: 40 } });
    session.accumulate("chains", -1);
    session.update({
      optimizer: { kind: "adam" },
      learningRate: 0.01,
      decay: 0.01,
      temperature: 1,
      update,
    });
    session.average(1 / update);
  }
  const slots = ["couplings", "bias", "chains", "moments", "averages"] as const;
  const result = await Promise.all(slots.map((slot) => session.read(slot)));
  result.push(await session.measure("energy", "chains"), await session.measure("virial", "batch"));
  await session.close();
  return result;
}

const native = findNative();
const nativeSets = ["avx512", "avx2", "neon", "avx512-bf16", "amx"] as const;
const bf16Sets = nativeSets.slice(3).filter((set) => findNative(set).set);

describe("threads", () => {
  it.each(["relaxed", "plain"] as const)("do not change a bit (%s)", async (build) => {
    const [one, two, three, five] = await Promise.all(
      [1, 2, 3, 5].map(async (threads) => work(await open({ threads, build }))),
    );
    expect(two).toEqual(one);
    expect(three).toEqual(one);
    expect(five).toEqual(one);
  });

  it.skipIf(!native.set)("do not change a bit (native)", async () => {
    const [one, two, three] = await Promise.all(
      [1, 2, 3].map(async (threads) => work(await open({ threads }))),
    );
    expect(two).toEqual(one);
    expect(three).toEqual(one);
  });

  it.each(bf16Sets)("do not change a bit (%s)", async (build) => {
    const [one, two, three] = await Promise.all(
      [1, 2, 3].map(async (threads) => work(await open({ threads, build }))),
    );
    expect(two).toEqual(one);
    expect(three).toEqual(one);
  });

  it("number at least one and at most 64", async () => {
    expect(await codeOf(() => createCpuBackend({ threads: 0 }))).toBe("invalid-value");
    expect(await codeOf(() => createCpuBackend({ threads: 65 }))).toBe("invalid-value");
  });
});

describe("columns of pinned units", () => {
  const [units, chains] = [117, 26];

  /** Chains after some steps. Unit 0 acts on no other and no other on it; the 99 after it are pinned. */
  async function samples(backend: Backend, lonely: "pinned" | "free"): Promise<Float32Array[]> {
    const session = await backend.open({ units, chains, batch: 1, seed: 3 });
    const { couplings } = randomNetwork({ units, gain: 1.5, seed: 3 });
    session.write(
      "couplings",
      couplings.map((coupling, at) => (at < units || at % units === 0 ? 0 : coupling)),
    );
    session.drawChains({ stream: 1, step: 0 });
    const pinned = Uint8Array.from({ length: units }, (_, unit) => (unit < 100 ? 1 : 0));
    if (lonely === "free") pinned[0] = 0;
    const states: Float32Array[] = [];
    for (const integrator of ["euler-maruyama", "leimkuhler-matthews"] as const) {
      const run = { firstStep: 0, steps: 9, dt: 0.05, temperature: 1, feedbackFrom: 2 };
      session.advance({ ...run, integrator, pinned });
      const moved = await session.read("chains");
      states.push(moved.filter((_, at) => at % units !== 0));
    }
    await session.close();
    return states;
  }

  const sets: CpuBuild[] = [...nativeSets.filter((set) => findNative(set).set), "relaxed", "plain"];
  it.each(sets.flatMap((build) => [1, 2].map((threads) => ({ build, threads }))))(
    "are summed once a run, with the same bits ($build, $threads)",
    async (options) => {
      const backend = await open(options);
      // A free unit in front leaves no column before it to sum once.
      expect(await samples(backend, "pinned")).toEqual(await samples(backend, "free"));
    },
  );
});

describe("the committed kernel", () => {
  it("is made from the source beside it", () => {
    const folder = new URL("../kernel/", import.meta.url);
    const hash = createHash("sha256");
    for (const name of readdirSync(folder).sort()) {
      hash.update(`${name}\n${readFileSync(new URL(name, folder), "utf8")}`);
    }
    expect(sourceHash).toBe(hash.digest("hex"));
  });

  it("has shared and unshared memory in two builds, and no data of its own", async () => {
    for (const name of ["relaxed", "plain"] as const) {
      expect(builds[name].shared).not.toBe(builds[name].unshared);
      const { module } = await compileWasm(false, name);
      const memory = new WebAssembly.Memory({ initial: 2 });
      instantiate(module, memory);
      expect(new Uint8Array(memory.buffer).every((byte) => byte === 0)).toBe(true);
    }
  });
});

describe("native kernels", () => {
  it.skipIf(!native.set)("have their structures' fields where they are written", () => {
    const claims = Object.entries(structures).flatMap(([name, { size, fields }]) => [
      `_Static_assert(sizeof(struct ${name}) == ${size[1]}, "${name}");`,
      ...Object.entries(fields as Record<string, readonly [string, number, number]>).map(
        ([field, [type, , at]]) => {
          const place = `offsetof(struct ${name}, ${field}) == ${at}`;
          const bytes = { address: 8, uint64_t: 8 }[type] ?? 4;
          const width = `sizeof(((struct ${name} *)0)->${field}) == ${bytes}`;
          return `_Static_assert(${place} && ${width}, "${field} of ${name}");`;
        },
      ),
    ]);
    expect(claims.length).toBeGreaterThan(50);
    const input = ["#include <stddef.h>", '#include "structures.h"', ...claims, ""].join("\n");
    const folder = fileURLToPath(new URL("../kernel", import.meta.url));
    const args = ["-std=c11", "-fsyntax-only", `-I${folder}`, "-x", "c", "-"];
    const { status, stderr } = spawnSync(process.env.CC ?? "cc", args, { input, encoding: "utf8" });
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  it.skipIf(!native.set)("compute unless another build is asked for, and say so", async () => {
    expect((await open({ threads: 1 })).device.details[0]).toMatch(/^native kernel, /);
    expect((await open({ threads: 1, build: "plain" })).device.details).toEqual([
      "WebAssembly SIMD",
      "1 thread",
      "not native: WebAssembly was asked for",
    ]);
  });

  it("of an instruction set that this processor has not are unavailable, by name", async () => {
    const missing = nativeSets.find((set) => !findNative(set).set)!;
    expect(await codeOf(() => createCpuBackend({ build: missing }))).toBe("unavailable");
  });

  it.skipIf(!native.set)(
    "that are damaged, of another version or gone make way for WebAssembly",
    async () => {
      const folder = fileURLToPath(new URL("../", import.meta.url));
      const copy = mkdtempSync(join(folder, ".copy-"));
      try {
        for (const name of ["dist", "native", "package.json"]) {
          cpSync(join(folder, name), join(copy, name), { recursive: true });
        }
        const platform = join(copy, "native", `${process.platform}-${process.arch}`);
        const { findNative: find } = await import(join(copy, "dist", "native.js"));
        const first = native.set ? native.library : undefined;
        const library = join(platform, basename(first!.file));
        expect(find().set).toBe(native.set);

        // A new file each time: to change one that is loaded would end this very process.
        const bytes = readFileSync(library);
        const put = (content: Uint8Array) => {
          rmSync(library);
          writeFileSync(library, content);
        };
        put(bytes.subarray(0, 5000));
        expect(find().reason).toMatch(/cannot be loaded: .* is damaged/);
        put(bytes);

        const manifest = join(platform, "libraries.json");
        const text = readFileSync(manifest, "utf8");
        writeFileSync(manifest, text.replace(/"source": "./, '"source": "x'));
        expect(find().reason).toBe("the native kernel is of another version");
        writeFileSync(manifest, "{");
        expect(find().reason).toMatch(/cannot be loaded/);
        rmSync(platform, { recursive: true });
        expect(find().reason).toBe("no native kernel was made or installed");
      } finally {
        rmSync(copy, { recursive: true });
      }
    },
  );
});

describe("bf16", () => {
  /** The nearest bf16, ties to even. */
  const rounded = (value: number): number => {
    const bits = new Uint32Array(Float32Array.of(value).buffer);
    bits[0] = (bits[0]! + 0x7fff + ((bits[0]! >>> 16) & 1)) & 0xffff0000;
    return new Float32Array(bits.buffer)[0]!;
  };

  it("is never chosen unless it is asked for", async () => {
    expect((await open({ threads: 1 })).device.precision).toBe("float32");
  });

  it.each(bf16Sets)("multiplies rounded factors, and sums them in float32 (%s)", async (build) => {
    const backend = await open({ threads: 1, build });
    expect(backend.device.precision).toBe("bf16");
    // One step of dt 1 without feedback, of linear units: x ← Jx + b.
    for (const [units, chains] of [
      [1, 1],
      [37, 5],
      [131, 50],
    ] as const) {
      const session = await backend.open({ units, chains, activation: "identity", seed: 1 });
      const { couplings } = randomNetwork({ units, gain: 1, seed: 4 });
      const bias = Float32Array.from({ length: units }, (_, unit) => Math.sin(unit));
      const x = Float32Array.from({ length: chains * units }, (_, at) => Math.sin(at * at));
      session.write("couplings", couplings);
      session.write("bias", bias);
      session.write("chains", x);
      session.advance({
        firstStep: 0,
        steps: 1,
        dt: 1,
        temperature: 0,
        integrator: "euler-maruyama",
        feedbackFrom: 1,
      });
      const after = await session.read("chains");
      let worst = 0;
      for (let chain = 0; chain < chains; chain++) {
        for (let unit = 0; unit < units; unit++) {
          let expected = bias[unit]!;
          for (let from = 0; from < units; from++) {
            const weight = rounded(couplings[unit * units + from]!);
            expected += weight * rounded(x[chain * units + from]!);
          }
          worst = Math.max(worst, Math.abs(after[chain * units + unit]! - expected));
        }
      }
      expect(worst).toBeLessThan(2e-6);
      expect(await session.read("couplings")).toEqual(couplings);
      await session.close();
    }
  });

  it.each(bf16Sets)("gives a chain the same bits whatever stands beside it (%s)", async (build) => {
    const backend = await open({ threads: 2, build });
    const units = 75;
    const steps = async (firstChain: number, chains: number, calls: number) => {
      const session = await backend.open({ units, chains, firstChain, seed: 2 });
      session.write("couplings", randomNetwork({ units, gain: 1.5, seed: 2 }).couplings);
      session.drawChains({ stream: 1, step: 0 });
      for (let call = 0; call < calls; call++) {
        session.advance({
          firstStep: (call * 6) / calls,
          steps: 6 / calls,
          dt: 0.05,
          temperature: 1,
          integrator: "leimkuhler-matthews",
        });
      }
      return session.read("chains");
    };
    const whole = await steps(0, 83, 1);
    const parts = [await steps(0, 1, 2), await steps(1, 32, 3), await steps(33, 50, 6)];
    expect(parts.flatMap((part) => [...part])).toEqual([...whole]);
  });
});

describe("tanh", () => {
  it("is within 5e-7 of the truth everywhere, odd, and never beyond ±1", async () => {
    const backend = await open({ threads: 1 });
    // One unit that drives another: after a step without noise, x₁ = dt·φ(x₀) shows φ itself.
    const chains = 20_001;
    const session = await backend.open({ units: 2, chains, seed: 1 });
    session.write("couplings", Float32Array.of(0, 0, 1, 0));
    const x = Float32Array.from({ length: chains }, (_, at) => ((at - 10_000) / 10_000) ** 3 * 20);
    session.write(
      "chains",
      Float32Array.from({ length: 2 * chains }, (_, at) => (at % 2 ? 0 : x[at / 2]!)),
    );
    session.advance({
      firstStep: 0,
      steps: 1,
      dt: 1,
      temperature: 0,
      integrator: "euler-maruyama",
      feedbackFrom: 1,
    });
    const after = await session.read("chains");
    let worst = 0;
    for (let chain = 0; chain < chains; chain++) {
      const found = after[2 * chain + 1]!;
      worst = Math.max(worst, Math.abs(found - Math.tanh(x[chain]!)));
      expect(Math.abs(found)).toBeLessThanOrEqual(1);
      expect(found).toBe(-after[2 * (chains - 1 - chain) + 1]! + 0);
    }
    expect(worst).toBeLessThan(5e-7);
  });

  it("lets NaN through, so that divergence is seen", async () => {
    const session = await (await open({ threads: 1 })).open({ units: 2, chains: 1, seed: 1 });
    session.write("chains", Float32Array.of(1, 1));
    session.write("couplings", Float32Array.of(0, 3e38, 3e38, 0));
    session.advance({
      firstStep: 0,
      steps: 3,
      dt: 1,
      temperature: 0,
      integrator: "euler-maruyama",
    });
    expect((await session.read("chains")).some(Number.isNaN)).toBe(true);
  });
});

describe("memory", () => {
  const shape = { blockRows: 12, lanes: 4, precision: "float32" as const };
  const bf16 = { blockRows: 32, lanes: 16, precision: "bf16" as const };
  const spec = { firstChain: 0, averages: false, activation: "tanh" as const, seed: 1 };

  it("stays below 4 × (states + couplings) + 64 MB", () => {
    for (const [units, chains, batch] of [
      [784, 1000, 1000],
      [784, 1, 1],
      [3072, 256, 256],
      [3072, 1, 0],
      [784, 10_000, 0],
    ] as const) {
      const states = 4 * units * (chains + batch);
      const couplings = 4 * units * units;
      for (const one of [shape, bf16]) {
        const { bytes } = layOut({ ...spec, units, chains, batch }, one, 2, 65_536);
        expect(bytes).toBeLessThan(4 * (states + couplings) + 64e6);
      }
    }
  });

  it("is never shared by two arrays", () => {
    const layout = layOut(
      { ...spec, averages: true, units: 50, chains: 30, batch: 20 },
      bf16,
      3,
      65_536,
    );
    const starts = Object.values(layout.address).sort((a, b) => a - b);
    expect(new Set(starts).size).toBe(starts.length);
    expect(Math.max(...layout.workers.map(({ stack }) => stack))).toBeLessThanOrEqual(starts[0]!);
    expect(starts.at(-1)!).toBeLessThan(layout.bytes);
  });

  it("that cannot be had is refused, and the backend goes on", async () => {
    const backend = await open({ threads: 2, build: "relaxed" });
    const huge = { units: 14_000, chains: 100_000, batch: 1, seed: 1 };
    expect(await codeOf(() => backend.open(huge))).toBe("unsupported");
    const session = await backend.open({ units: 2, chains: 2, seed: 1 });
    expect(await session.read("bias")).toEqual(new Float32Array(2));
  });
});
