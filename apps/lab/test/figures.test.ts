// Curves of the page as figures that can be taken along: SVG, and PNG at four times its size.
import { readFileSync } from "node:fs";
import { findChromium, withPage } from "@neural-langevin/tooling/chromium";
import { describe, expect, it } from "vitest";
import { siteFolder } from "../site.js";

describe.skipIf(!findChromium())("live curves in Chromium", () => {
  it("are saved as SVG and as PNG at four times its size", async () => {
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
      const svg = (await save("SVG")).toString();
      const [, width, height] = /^<svg[^>]* width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
      expect(svg).toContain(">step<");
      const png = await save("PNG");
      expect(png.readUInt32BE(16)).toBe(4 * Number(width));
      expect(png.readUInt32BE(20)).toBe(4 * Number(height));
    });
  });
});
