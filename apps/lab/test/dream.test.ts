// The built site in Chromium: a trained machine dreams as soon as its view is open.
import { findChromium, withPage } from "@neural-langevin/tooling/chromium";
import { describe, expect, it } from "vitest";
import { siteFolder } from "../site.js";

describe.skipIf(!findChromium())("the Dream view in Chromium", () => {
  it("shows chains that move, before anything is clicked", async () => {
    await withPage(siteFolder, { isolated: true }, async (page) => {
      await page.goto(`${new URL(page.url()).origin}/#dream`);
      await page.waitForSelector("[role=listbox] canvas");
      const look = () =>
        page.evaluate(() => document.querySelector<HTMLCanvasElement>("canvas")!.toDataURL());
      const first = await look();
      await expect.poll(look).not.toBe(first);
      await page.waitForFunction(() =>
        /WebAssembly, all threads/.test(document.body.textContent ?? ""),
      );
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    });
  });
});
