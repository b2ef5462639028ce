// Curves of the page as figures that can be taken along: SVG, and PNG at four times its size.
import { readFileSync } from "node:fs";
import { findChromium, withPage } from "@neural-langevin/tooling/chromium";
import { describe, expect, it } from "vitest";
import { siteFolder } from "../site.js";

describe.skipIf(!findChromium())("figures in Chromium", () => {
  it("of two neurons are saved as SVG, and as PNG at four times their size", async () => {
    await withPage(siteFolder, { isolated: true }, async (page) => {
      for (const [about, file] of [
        ["Energy of two neurons", "two-neurons.png"],
        ["the energy as a surface", "energy-surface.png"],
      ] as const) {
        const [download] = await Promise.all([
          page.waitForEvent("download"),
          page.getByRole("button", { name: `Save as PNG: ${about}` }).click(),
        ]);
        expect(download.suggestedFilename()).toBe(file);
        const drawn = page.getByRole("application", { name: /^(The same e|E)nergy/ });
        const canvas = drawn
          .nth(file === "two-neurons.png" ? 0 : 1)
          .locator("canvas")
          .first();
        const width = await canvas.evaluate((element) => element.clientWidth);
        const png = readFileSync((await download.path())!);
        expect(png.readUInt32BE(16)).toBe(4 * width);
        const [drawing] = await Promise.all([
          page.waitForEvent("download"),
          page.getByRole("button", { name: `Save as SVG: ${about}` }).click(),
        ]);
        const svg = readFileSync((await drawing.path())!).toString();
        expect(svg).toMatch(/^<svg /);
        // Hundreds of strokes that stay sharp at any size, and no picture of pixels.
        expect(svg.match(/["\s]M /g)!.length).toBeGreaterThan(200);
        expect(svg).not.toContain("<image");
      }
      const [diagram] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "Save as SVG: two neurons and their" }).click(),
      ]);
      const svg = readFileSync((await diagram.path())!).toString();
      // Two neurons and an arrow each way; its colours are in it, as it has no style sheet.
      expect(svg.match(/<circle [^>]*fill="rgb\(/g)).toHaveLength(2);
      expect(svg.match(/<path [^>]*fill="rgb\(/g)).toHaveLength(2);
    });
  });

  it("of curves are saved as SVG and as PNG at four times its size", async () => {
    await withPage(siteFolder, { isolated: true }, async (page) => {
      await page.getByRole("tab", { name: "Dream" }).click();
      const save = async (kind: "SVG" | "PNG") => {
        const [download] = await Promise.all([
          page.waitForEvent("download"),
          page.getByRole("button", { name: `Save as ${kind}: Energy of the large chain` }).click(),
        ]);
        expect(download.suggestedFilename()).toBe(`step-e.${kind.toLowerCase()}`);
        return readFileSync((await download.path())!);
      };
      const bars = page.getByRole("button", { name: "Save as SVG: Distribution of the chains" });
      const [histogram] = await Promise.all([page.waitForEvent("download"), bars.click()]);
      expect(readFileSync((await histogram.path())!).toString()).toContain(">density of chains<");
      const svg = (await save("SVG")).toString();
      const [, width, height] = /^<svg[^>]* width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
      expect(svg).toContain(">step<");
      const png = await save("PNG");
      expect(png.readUInt32BE(16)).toBe(4 * Number(width));
      expect(png.readUInt32BE(20)).toBe(4 * Number(height));
    });
  });

  it("of images and of single neurons are saved in pixels that stay squares", async () => {
    await withPage(siteFolder, { isolated: true }, async (page) => {
      const save = async (about: string, kind: "SVG" | "PNG") => {
        const button = page.getByRole("button", { name: `Save as ${kind}: ${about}` }).first();
        const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
        const bytes = readFileSync((await download.path())!);
        return { name: download.suggestedFilename(), bytes };
      };
      await page.getByRole("tab", { name: "Dream" }).click();
      const grid = page.getByRole("listbox", { name: /^50 chains/ });
      await grid.waitFor();
      const { name, bytes } = await save("50 chains, dreaming", "PNG");
      expect(name).toBe("chains.png");
      const width = await grid.locator("canvas").evaluate((canvas) => canvas.clientWidth);
      expect(bytes.readUInt32BE(16)).toBe(4 * width);
      const svg = (await save("Chain 1", "SVG")).bytes.toString();
      expect(svg).toMatch(/^<svg [^>]*><image [^>]*image-rendering: pixelated/);
      await page.getByRole("tab", { name: "Synapse" }).click();
      const couplings = await save("couplings into unit", "SVG");
      expect(couplings.name).toMatch(/^couplings-into-unit-\d+\.svg$/);
      await page.getByRole("tab", { name: "Restore" }).click();
      expect((await save("The image as it is being restored", "SVG")).name).toBe("restored.svg");
      expect((await save("the image that is drawn on", "PNG")).name).toBe("drawing.png");
      await page.getByText("What is this?").click();
      const bars = await save("the label neurons", "SVG");
      expect(bars.name).toBe("label-neurons.svg");
      expect(bars.bytes.toString().match(/<text /g)).toHaveLength(10);
    });
  });
});
