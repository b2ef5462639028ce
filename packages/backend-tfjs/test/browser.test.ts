// The contract in Chromium, from a production build: WebGL and WebGPU, both on its software renderer, and
// WebAssembly. Sizes beyond the contract's own: a chain alone is what it is among others.
import { fileURLToPath } from "node:url";
import type { Verification } from "@neural-langevin/backend-testkit";
import type { DeviceReport } from "@neural-langevin/core";
import { findChromium, outcomeOfPage, softwareWebGpu } from "@neural-langevin/tooling/chromium";
import { beforeAll, describe, expect, it } from "vitest";

type Platform = "webgl" | "webgpu" | "wasm";
interface Outcome {
  readonly verification: Verification;
  readonly tensors: readonly number[];
  readonly split: readonly Readonly<Record<number, number>>[];
}

const args = [
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
  "--ignore-gpu-blocklist",
  ...softwareWebGpu,
];

describe.skipIf(!findChromium())("in Chromium", () => {
  let outcome: Record<Platform, Outcome> & { chosen: DeviceReport };
  beforeAll(async () => {
    const page = fileURLToPath(new URL("page/", import.meta.url));
    outcome = await outcomeOfPage(page, { isolated: false, args });
  }, 600_000);

  for (const [platform, label] of [
    ["webgl", /SwiftShader/],
    ["webgpu", /swiftshader/],
    ["wasm", /^WebAssembly$/],
  ] as const) {
    it(`${platform} keeps the contract and says what computes`, () => {
      const { verification } = outcome[platform];
      expect(verification.outcomes.filter((one) => one.outcome !== "passed")).toEqual([]);
      expect(verification.device.label).toMatch(label);
    });

    it(`${platform} leaves no tensor over`, () => {
      const [start, first, second, end] = outcome[platform].tensors;
      expect(first).toBeGreaterThan(start!);
      expect(second).toBe(first);
      expect(end).toBe(start);
    });

    it(`${platform} computes 1, 2 and 9 chains as it does among 17, of 40 and 1101 units`, () => {
      const same = { 1: 0, 2: 0, 9: 0 };
      expect(outcome[platform].split).toEqual([same, same]);
    });
  }

  it("WebGPU comes first", () => {
    expect(outcome.chosen.details).toEqual(["TensorFlow.js 4.22.0 on WebGPU"]);
  });
});
