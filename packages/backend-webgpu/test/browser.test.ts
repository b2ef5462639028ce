// The contract in Chromium, from a production build, on its software adapter.
import { fileURLToPath } from "node:url";
import type { Verification } from "@neural-langevin/backend-testkit";
import { findChromium, outcomeOfPage, softwareWebGpu } from "@neural-langevin/tooling/chromium";
import { describe, expect, it } from "vitest";

describe.skipIf(!findChromium())("in Chromium", () => {
  it("holds the contract", { timeout: 600_000 }, async () => {
    const page = fileURLToPath(new URL("page/", import.meta.url));
    const { device, outcomes } = await outcomeOfPage<Verification>(page, {
      isolated: false,
      args: softwareWebGpu,
    });
    expect(outcomes.filter(({ outcome }) => outcome !== "passed")).toEqual([]);
    expect(device.label).toMatch(/swiftshader.*in software/);
  });
});
