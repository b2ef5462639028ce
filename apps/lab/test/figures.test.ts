// Curves of the page as figures that can be taken along: SVG, and PNG at four times its size.
import { readFileSync } from "node:fs";
import { findChromium, withPage } from "@neural-langevin/tooling/chromium";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { siteFolder } from "../site.js";

/** Saves the first figure that is about something, by its mark. */
async function save(page: Page, about: string, kind: "SVG" | "PNG") {
  const mark = page.getByRole("button", { name: `Save: ${about}` }).first();
  await mark.click();
  const choice = page.getByRole("button", { name: `Save as ${kind}: ${about}` }).first();
  const [download] = await Promise.all([page.waitForEvent("download"), choice.click()]);
  await choice.waitFor({ state: "detached" });
  return { name: download.suggestedFilename(), bytes: readFileSync((await download.path())!) };
}

describe.skipIf(!findChromium())("figures in Chromium", () => {
  it("of two neurons are saved as SVG, and as PNG at four times their size", async () => {
    await withPage(siteFolder, { isolated: true }, async (page) => {
      for (const [about, file] of [
        ["Energy of two neurons", "two-neurons.png"],
        ["the energy as a surface", "energy-surface.png"],
      ] as const) {
        const { name, bytes: png } = await save(page, about, "PNG");
        expect(name).toBe(file);
        const drawn = page.getByRole("application", { name: /^(The same e|E)nergy/ });
        const canvas = drawn
          .nth(file === "two-neurons.png" ? 0 : 1)
          .locator("canvas")
          .first();
        const width = await canvas.evaluate((element) => element.clientWidth);
        expect(png.readUInt32BE(16)).toBe(4 * width);
        const svg = (await save(page, about, "SVG")).bytes.toString();
        expect(svg).toMatch(/^<svg /);
        // Hundreds of strokes that stay sharp at any size, and no picture of pixels.
        expect(svg.match(/["\s]M /g)!.length).toBeGreaterThan(200);
        expect(svg).not.toContain("<image");
      }
      const svg = (await save(page, "two neurons and their", "SVG")).bytes.toString();
      // Two neurons and an arrow each way; its colours are in it, as it has no style sheet.
      expect(svg.match(/<circle [^>]*fill="rgb\(/g)).toHaveLength(2);
      expect(svg.match(/<path [^>]*fill="rgb\(/g)).toHaveLength(2);
    });
  });

  it("of curves are saved as SVG and as PNG at four times its size", async () => {
    await withPage(siteFolder, { isolated: true }, async (page) => {
      await page.getByRole("tab", { name: "Dream" }).click();
      const histogram = await save(page, "Distribution of the chains", "SVG");
      expect(histogram.bytes.toString()).toContain(">density of chains<");
      const curve = await save(page, "Energy of the large chain", "SVG");
      expect(curve.name).toBe("step-e.svg");
      const svg = curve.bytes.toString();
      const [, width, height] = /^<svg[^>]* width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
      expect(svg).toContain(">step<");
      const { bytes: png } = await save(page, "Energy of the large chain", "PNG");
      expect(png.readUInt32BE(16)).toBe(4 * Number(width));
      expect(png.readUInt32BE(20)).toBe(4 * Number(height));
    });
  });

  it("of images and of single neurons are saved in pixels that stay squares", async () => {
    await withPage(siteFolder, { isolated: true }, async (page) => {
      await page.getByRole("tab", { name: "Dream" }).click();
      const grid = page.getByRole("listbox", { name: /^50 chains/ });
      await grid.waitFor();
      const { name, bytes } = await save(page, "50 chains, dreaming", "PNG");
      expect(name).toBe("chains.png");
      const width = await grid.locator("canvas").evaluate((canvas) => canvas.clientWidth);
      expect(bytes.readUInt32BE(16)).toBe(4 * width);
      const svg = (await save(page, "Chain 1", "SVG")).bytes.toString();
      expect(svg).toMatch(/^<svg [^>]*><image [^>]*image-rendering: pixelated/);
      await page.getByRole("tab", { name: "Synapse" }).click();
      const couplings = await save(page, "couplings into unit", "SVG");
      expect(couplings.name).toMatch(/^couplings-into-unit-\d+\.svg$/);
      await page.getByRole("tab", { name: "Restore" }).click();
      expect((await save(page, "The image as it is being restored", "SVG")).name).toBe(
        "restored.svg",
      );
      expect((await save(page, "the image that is drawn on", "PNG")).name).toBe("drawing.png");
      await page.getByText("What is this?").click();
      const bars = await save(page, "the label neurons", "SVG");
      expect(bars.name).toBe("label-neurons.svg");
      expect(bars.bytes.toString().match(/<text /g)).toHaveLength(10);
    });
  });

  it("are saved by a mark that is seen when one points at them, has the focus, and opens and closes by key", async () => {
    await withPage(siteFolder, { isolated: true }, async (page) => {
      const surface = page.getByRole("application", { name: /^The same energy/ });
      await surface.waitFor();
      const mark = page.getByRole("button", { name: "Save: the energy as a surface" });
      const seen = () =>
        mark.evaluate((button) => getComputedStyle(button.parentElement!).opacity === "1");
      await page.mouse.move(2, 2);
      await expect.poll(seen).toBe(false);
      await surface.hover();
      await expect.poll(seen).toBe(true);
      await page.mouse.move(2, 2);
      await expect.poll(seen).toBe(false);
      await surface.focus();
      await page.keyboard.press("Tab");
      await expect.poll(seen).toBe(true);
      await page.keyboard.press("Enter");
      const choice = page.getByRole("button", { name: "Save as SVG: the energy as a surface" });
      await choice.waitFor();
      await page.keyboard.press("Tab");
      expect(await choice.evaluate((button) => button === document.activeElement)).toBe(true);
      await page.keyboard.press("Escape");
      await choice.waitFor({ state: "detached" });
      expect(await mark.evaluate((button) => button === document.activeElement)).toBe(true);
    });
  });

  it("have their mark in sight where nothing can hover", async () => {
    await withPage(siteFolder, { isolated: true }, async (page) => {
      const { address, browser } = { address: page.url(), browser: page.context().browser()! };
      const context = await browser.newContext({ hasTouch: true, isMobile: true });
      const phone = await context.newPage();
      await phone.goto(address);
      const mark = phone.getByRole("button", { name: "Save: the energy as a surface" });
      await mark.waitFor();
      const opacity = () =>
        mark.evaluate((button) => getComputedStyle(button.parentElement!).opacity);
      expect(await opacity()).toBe("1");
      await mark.tap();
      await phone.getByRole("button", { name: "Save as PNG: the energy as a surface" }).waitFor();
      await context.close();
    });
  });
});
