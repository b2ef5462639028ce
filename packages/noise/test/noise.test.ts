// The kernel against core's definition, bit for bit; and the kicks of a run against the steps that core defines.
import { chainNoise, type Integrator, streams } from "@neural-langevin/core";
import { integratorNoise } from "@neural-langevin/core/backend";
import { expect, it } from "vitest";
import { kicksOf, noiseGlsl, noiseWgsl, openNoise } from "../src/index.js";

const noise = await openNoise();
const defined = (source: Parameters<typeof chainNoise>[0], chain: number, units: number) =>
  Float32Array.from(chainNoise(source, chain, units));

it("is made by the kernel here", () => {
  expect(noise.shortcoming).toBeUndefined();
});

it("is core's definition, rounded once, bit for bit: half a million normals of many seeds, streams and steps", () => {
  for (let trial = 0; trial < 512; trial++) {
    const seed = trial % 2 === 0 ? trial : 2 ** 53 - 1 - trial;
    const step = trial % 3 === 0 ? trial : 2 ** 53 - 1 - 7919 * trial;
    const stream = trial % 5 === 0 ? 2 ** 32 - 1 - trial : trial % 6;
    const firstChain = (trial * 2 ** 23) % (2 ** 32 - 1);
    const made = new Float32Array(1027);
    noise.fill(made, { seed, stream, step }, firstChain, 1027);
    expect(made).toEqual(defined({ seed, stream, step }, firstChain, 1027));
  }
});

it("has the same numbers for chains together and alone, of any number of units", () => {
  const source = { seed: 2 ** 50 + 12345, stream: 3, step: 2 ** 40 + 99 };
  for (const units of [1, 2, 3, 4, 5, 15, 16, 17, 27, 16_384, 16_389]) {
    const made = new Float32Array(3 * units);
    noise.fill(made, source, 2 ** 32 - 3, units);
    for (let chain = 0; chain < 3; chain++) {
      const row = made.subarray(chain * units, (chain + 1) * units);
      expect(row).toEqual(defined(source, 2 ** 32 - 3 + chain, units));
    }
  }
});

it("has the same numbers in memory of its own, which libraries can take as it is", () => {
  const source = { seed: 3, stream: 0, step: 2 ** 33 };
  for (const [chains, units] of [
    [1, 1],
    [3, 784],
    [9000, 5],
    [2, 16_389],
  ] as const) {
    const scale = Float64Array.from({ length: chains }, (_, chain) => 1 / (1 + chain));
    const made = new Float32Array(chains * units);
    noise.fill(made, source, 7, units, scale);
    const own = noise.allocate(chains * units);
    expect(own).toEqual(new Float32Array(chains * units));
    expect(own.byteOffset % 64).toBe(0);
    noise.fill(own, source, 7, units, scale);
    expect(own).toEqual(made);
    // A part of it, and without scales again.
    const last = own.subarray((chains - 1) * units);
    noise.fill(last, source, 6 + chains, units);
    expect(last).toEqual(defined(source, 6 + chains, units));
  }
});

it("reaches the tails: the outermost normals are those of the smallest words", () => {
  const source = { seed: 1, stream: streams.dynamics, step: 9 };
  const made = new Float32Array(102);
  noise.fill(made, source, 260, 102);
  expect(made[101]).toBeGreaterThan(5);
  expect(made[101]).toBe(Math.fround(chainNoise(source, 260, 102)[101]!));
});

it("is core's definition in JavaScript, and says so, where there is no WebAssembly", async () => {
  const { WebAssembly } = globalThis;
  Reflect.deleteProperty(globalThis, "WebAssembly");
  try {
    const plain = await openNoise();
    expect(plain.shortcoming).toMatch(
      /^noise in JavaScript, because WebAssembly is not at hand: \S/,
    );
    const source = { seed: 7, stream: 1, step: 2 };
    const made = plain.allocate(14);
    plain.fill(made, source, 5, 7);
    expect(made).toEqual(Float32Array.of(...defined(source, 5, 7), ...defined(source, 6, 7)));
    const scale = Float64Array.of(0.3, 4);
    plain.fill(made, source, 5, 7, scale);
    const scaled = new Float32Array(14);
    noise.fill(scaled, source, 5, 7, scale);
    expect(made).toEqual(scaled);
    expect(made[7]).toBe(4 * defined(source, 6, 7)[0]!);
  } finally {
    globalThis.WebAssembly = WebAssembly;
  }
});

const spec = {
  units: 6,
  chains: 3,
  firstChain: 40,
  seed: 9,
  batch: 0,
  averages: false,
  activation: "tanh",
} as const;
const run = { firstStep: 4, steps: 3, dt: 0.02 };

it.each<Integrator>(["euler-maruyama", "leimkuhler-matthews"])(
  "makes the kicks of a run, each chain at its own temperature (%s)",
  (integrator) => {
    const temperature = [0, 0.5, 2];
    const pinned = Uint8Array.of(0, 1, 0, 0, 0, 1);
    const kick = kicksOf(noise, spec, {
      ...run,
      integrator,
      temperature: Float64Array.from(temperature),
      pinned,
    })!;
    for (const step of [4, 5, 6, 4]) {
      const made = kick(step).slice();
      for (const [chain, T] of temperature.entries()) {
        const source = { seed: 9, stream: streams.dynamics, step };
        const xi = integratorNoise(integrator, source, 40 + chain, 6);
        for (let unit = 0; unit < 6; unit++) {
          const due = pinned[unit] ? 0 : Math.sqrt(2 * T * 0.02) * xi[unit]!;
          expect(made[chain * 6 + unit]).toBeCloseTo(due, 6);
        }
      }
    }
  },
);

it("makes no kicks where nothing is warm", () => {
  const cold = { ...run, integrator: "euler-maruyama", temperature: 0 } as const;
  expect(kicksOf(noise, spec, cold)).toBeUndefined();
});

it("is written in WGSL, and the GLSL that is made of it keeps no word of that", () => {
  expect(noiseWgsl).toContain(
    "fn normalPair(pair: u32, chain: u32, stream: u32, seed: vec2u, time: vec2u) -> vec2f",
  );
  expect(noiseGlsl).toContain(
    "vec2 normalPair(uint pair, uint chain, uint stream, uvec2 seed, uvec2 time)",
  );
  expect(noiseGlsl).not.toMatch(/\b(fn|let|var|[fiu]32|vec2[fu]|bitcast|fma)\b|->|\/\//);
  // What a shader may contain everywhere.
  expect(noiseGlsl).toMatch(/^[\x20-\x7e\n]*$/);
});
