// The contract in Chromium, from a production build, on a GL driver in software; and on a page without any GL.
import { fileURLToPath } from "node:url";
import type { Verification } from "@neural-langevin/backend-testkit";
import type { DeviceReport } from "@neural-langevin/core";
import { findChromium, outcomeOfPage } from "@neural-langevin/tooling/chromium";
import { beforeAll, describe, expect, it } from "vitest";
import { type Endurance, expectEndurance } from "./expect-endurance.js";

interface Missing {
  code: string;
  message: string;
}
interface Held {
  verification: Verification;
  counts: Endurance;
}
interface Found<Result> {
  chosen: DeviceReport;
  keepsGlobal: boolean;
  webgl2: Result;
  webgl: Result;
}

const page = fileURLToPath(new URL("page/", import.meta.url));
const software = [
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
  "--ignore-gpu-blocklist",
];

describe.skipIf(!findChromium())("in Chromium with a GL driver", () => {
  let found: Found<Held>;

  beforeAll(async () => {
    found = await outcomeOfPage(page, { isolated: false, args: software });
  }, 600_000);

  it("WebGL 2 is chosen and names its renderer", () => {
    expect(found.chosen.details).toEqual(["gpu.js in the mode webgl2"]);
    expect(found.chosen.label).toContain("SwiftShader");
  });

  it("the page keeps its global GPU", () => expect(found.keepsGlobal).toBe(true));

  for (const mode of ["webgl2", "webgl"] as const) {
    it(`${mode} holds the contract`, () => {
      const { outcomes } = found[mode].verification;
      expect(outcomes.length).toBeGreaterThan(40);
      expect(outcomes.filter(({ outcome }) => outcome !== "passed")).toEqual([]);
    });

    it(`${mode} keeps states on the device and loses no texture`, () => {
      expectEndurance(found[mode].counts);
    });
  }
});

describe.skipIf(!findChromium())("in Chromium without GL", () => {
  let found: Found<Missing>;

  beforeAll(async () => {
    found = await outcomeOfPage(page, {
      isolated: false,
      args: ["--disable-gpu", "--disable-3d-apis"],
    });
  }, 120_000);

  it("WebAssembly is chosen, and the report says why WebGL is not", () => {
    expect(found.chosen.label).toBe("WebAssembly");
    expect(found.chosen.details).toEqual([
      "gpu.js in the mode webasm",
      "not webgl2: This browser cannot open a webgl2 context.",
      "not webgl: This browser cannot open a webgl context.",
    ]);
  });

  it("WebGL by its name is unavailable, and never the processor", () => {
    expect(found.webgl2.code).toBe("unavailable");
    expect(found.webgl.code).toBe("unavailable");
  });
});
