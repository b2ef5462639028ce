// The views that study one machine, on the built site in Chromium: each view's main job.
import { findChromium, withPage } from "@neural-langevin/tooling/chromium";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { siteFolder } from "../site.js";

const open = (view: string, visit: (page: Page) => Promise<void>) =>
  withPage(siteFolder, { isolated: true }, async (page) => {
    await page.evaluate((hash) => {
      location.hash = hash;
    }, view);
    await visit(page);
  });
const region = (page: Page, name: string) => page.getByRole("region", { name, exact: true });
const numberIn = async (page: Page, name: string, at = 0) => {
  const text = await region(page, name).locator(".number").nth(at).textContent();
  return Number(text?.replace("−", "-").match(/-?[\d.]+/)?.[0] ?? Number.NaN);
};

describe.skipIf(!findChromium())("the Restore view in Chromium", () => {
  it("lets the energy of a damaged digit fall, and comes closer to what it was", async () => {
    await open("restore", async (page) => {
      await expect.poll(() => numberIn(page, "Measures")).toBeGreaterThan(0);
      const steps = region(page, "Images").locator(".number").first();
      const stepOf = async () => Number((await steps.textContent())!.replace("step", ""));
      // A quarter of noise, held at its first step.
      await page.getByRole("button", { name: "Another 6" }).click();
      await page.getByRole("button", { name: "none", exact: true }).click();
      const share = page.getByRole("spinbutton", { name: "Share of noise, exact" });
      await share.fill("0.3");
      await share.press("Enter");
      // It stands when most of the energy is gone, nearer to the digit than the noise had left it.
      await page.getByRole("button", { name: "Let it fall further" }).waitFor();
      const [energy, distance] = [
        await numberIn(page, "Measures"),
        await numberIn(page, "Measures", 1),
      ];
      expect(energy).toBeGreaterThan(0);
      expect(distance).toBeLessThan(0.35);
      const stood = await stepOf();
      expect(stood).toBeGreaterThan(5);
      await page.getByRole("button", { name: "Let it fall further" }).click();
      await expect.poll(stepOf).toBeGreaterThan(stood + 20);
      expect(await numberIn(page, "Measures")).toBeLessThan(energy);
      await page.getByText(/^Closest at step/).waitFor();
    });
  });

  it("takes what is drawn by keyboard as the start", async () => {
    await open("restore", async (page) => {
      await page.getByRole("button", { name: "Empty" }).click();
      const easel = page.getByRole("application", { name: /Image to draw on/ });
      await easel.focus();
      const before = await easel
        .locator("canvas")
        .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
      for (const key of ["ArrowUp", "Space", "Shift+ArrowDown", "Shift+ArrowDown"]) {
        await easel.press(key);
      }
      const after = await easel
        .locator("canvas")
        .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
      expect(after).not.toBe(before);
      await expect
        .poll(() => region(page, "Images").locator(".number").first().textContent())
        .toMatch(/step [1-9]/);
    });
  });
});

describe.skipIf(!findChromium())("the Explore view in Chromium", () => {
  it("draws a path among real images, and starts chains at a place of it", async () => {
    await open("explore", async (page) => {
      const film = page.getByRole("listbox", { name: /Film of the path, 16 images/ });
      await film.waitFor();
      await film.focus();
      await film.press("ArrowRight");
      const path = region(page, "Path");
      const chosen = await path.getByText(/^step \d+, E = /).textContent();
      expect(Number(chosen!.match(/step (\d+)/)![1])).toBeGreaterThanOrEqual(0);
      await path.getByRole("button", { name: "Start chains here" }).click();
      // All chains begin again, so the film does too.
      await page.getByRole("listbox", { name: /Film of the path, \d images/ }).waitFor();
      await film.waitFor();
    });
  });
});

describe.skipIf(!findChromium())("the Synapse view in Chromium", () => {
  it("shows both terms of the rule for the coupling that is chosen, and the spectrum", async () => {
    await open("synapse", async (page) => {
      const rule = region(page, "Learning rule");
      await rule.getByText("in chains").waitFor();
      const [data, chains, change] = [0, 1, 2].map(
        (at) => () => numberIn(page, "Learning rule", at),
      );
      const terms = [await data!(), await chains!(), await change!()];
      expect(terms.every(Number.isFinite)).toBe(true);
      const value = () => region(page, "One coupling").locator(".number").first().textContent();
      const before = await value();
      const couplings = page.getByRole("listbox", { name: /Couplings J/ });
      await couplings.focus();
      await couplings.press("ArrowRight");
      await expect.poll(value).not.toBe(before);
      const all = region(page, "Couplings");
      await all.getByText("largest magnitude").waitFor();
      const radius = await all.locator(".spectrum .number").textContent();
      expect(Number(radius)).toBeGreaterThan(0.5);
      // What stands still is drawn anew in the other theme.
      const eigenvalues = all.getByRole("img", { name: /^Eigenvalues/ }).locator("canvas");
      const drawing = () => eigenvalues.evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
      const light = await drawing();
      await page.emulateMedia({ colorScheme: "dark" });
      await expect.poll(drawing).not.toBe(light);
    });
  });
});
