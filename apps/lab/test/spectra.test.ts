// The eigenvalues that come along are those of the machines that come along, and are seen at once.
import { readFileSync } from "node:fs";
import { readMachine } from "@neural-langevin/machines";
import { findChromium, withPage } from "@neural-langevin/tooling/chromium";
import { describe, expect, it } from "vitest";
import { siteFolder } from "../site.js";
import { decodeSpectrum } from "../src/files/spectra.js";
import { machineNames } from "../src/state/settings.js";

describe("the spectrum of a machine that comes along", () => {
  it.each(machineNames)("of %s has Σλ = tr J and Σλ² = tr J²", async (name) => {
    const { network } = await readMachine(name);
    const { units, couplings: J } = network;
    const file = readFileSync(new URL(`../src/files/spectra/${name}.bin`, import.meta.url));
    const { real, imaginary } = decodeSpectrum(Uint8Array.from(file).buffer);
    expect(real.length).toBe(units);
    let [trace, ofSquare] = [0, 0];
    for (let i = 0; i < units; i++) {
      trace += J[i * units + i]!;
      for (let j = 0; j < units; j++) ofSquare += J[i * units + j]! * J[j * units + i]!;
    }
    const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);
    const squares = real.map((a, at) => a ** 2 - imaginary[at]! ** 2);
    expect(sum(real)).toBeCloseTo(trace, 3);
    expect(sum(imaginary)).toBeCloseTo(0, 3);
    expect(Math.abs(sum(squares) / ofSquare - 1)).toBeLessThan(1e-5);
  });
});

describe.skipIf(!findChromium())("the spectrum in Chromium", () => {
  it("is there without a wait", async () => {
    await withPage(siteFolder, { isolated: true }, async (page) => {
      await page.getByRole("tab", { name: "Synapse" }).click();
      await page.getByRole("img", { name: /^Eigenvalues of the couplings/ }).waitFor();
      expect(await page.getByRole("button", { name: "Compute them" }).count()).toBe(0);
    });
  });
});
