// The averaged parameters of a training as images: what they are, and that they are seen while it learns.
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { findChromium, withPage } from "@neural-langevin/tooling/chromium";
import { describe, expect, it } from "vitest";
import { siteFolder } from "../site.js";
import { AveragedChains } from "../src/engine/averaged-chains.js";

describe("chains of averaged parameters", () => {
  it("come to rest at x = b where nothing is coupled and nothing shakes them", async () => {
    const backend = await createCpuBackend();
    const bias = Float32Array.of(-1, 0, 0.5, 2);
    const machine = { units: 4, couplings: new Float32Array(16), bias };
    const still = { dt: 0.1, temperature: 0, integrator: "leimkuhler-matthews" } as const;
    const chains = new AveragedChains();
    const begin = new Float32Array(2 * 4);
    let images = new Uint8Array();
    for (let look = 0; look < 60; look++) {
      images = new Uint8Array(await chains.move(backend, machine, begin, still, 1));
    }
    const levels = Array.from(bias, (b) => Math.round((255 * (Math.tanh(b) + 1)) / 2));
    expect([...images]).toEqual([...levels, ...levels]);
    await chains.close();
    await backend.close();
  });
});

describe.skipIf(!findChromium())("averages in Chromium", () => {
  it("are looked at in place of the machine of now", async () => {
    await withPage(siteFolder, { isolated: true }, async (page) => {
      await page.goto(`${new URL(page.url()).origin}/#train?digits=1&updates=30&k=2`);
      await page.getByRole("button", { name: "Train from noise" }).click();
      await page.getByText("of their average since update 18").click();
      await page.getByText("Chains of the averaged machine").waitFor();
      await page.getByText("of J and b now").click();
      await page.getByText("Chains of the machine", { exact: true }).waitFor();
    });
  });
});
