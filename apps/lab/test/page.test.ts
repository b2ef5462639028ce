// The built site as a page: what it loads, whom it asks, who can use it, and on which screens.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { findChromium, withPage } from "@neural-langevin/tooling/chromium";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { siteFolder } from "../site.js";

const isolated = { isolated: true };

/** Waits until a machine dreams. */
const dreaming = async (page: Page): Promise<void> => {
  await page.getByRole("tab", { name: "Dream" }).click();
  await page.waitForSelector("[role=listbox] canvas");
};

/** The names of the views, as their tabs are. */
const tabsOf = (page: Page): Promise<string[]> => page.getByRole("tab").allInnerTexts();

/** What every view has once it is there. */
const shown = "[role=tabpanel] :is(canvas, [aria-label=Experiment])";

/** What axe finds wrong, in words. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
}

describe.skipIf(!findChromium())("the page in Chromium", () => {
  it("asks no other host, and shows its first view with less than 60 kB of compressed script", async () => {
    await withPage(siteFolder, isolated, async (page) => {
      const asked: URL[] = [];
      page.on("request", (request) => asked.push(new URL(request.url())));
      await page.reload();
      await page.getByRole("application", { name: /^Energy of two neurons/ }).waitFor();
      const scripts = new Set(
        asked.map(({ pathname }) => pathname).filter((path) => /js$/.test(path)),
      );
      const sizes = [...scripts].map(
        (path) => gzipSync(readFileSync(join(siteFolder, path))).length,
      );
      const script = sizes.reduce((sum, size) => sum + size, 0);
      expect(script).toBeGreaterThan(10_000);
      expect(script).toBeLessThan(60_000);
      // They come together: a browser would have to ask for one small file after another.
      expect(scripts.size).toBeLessThanOrEqual(2);
      for (const tab of await tabsOf(page)) {
        await page.getByRole("tab", { name: tab }).click();
        await page.waitForSelector(shown);
      }
      const hosts = new Set(asked.map(({ host }) => host));
      expect([...hosts]).toEqual([new URL(page.url()).host]);
    });
  });

  it.each(["light", "dark"] as const)("axe finds nothing wrong in any view, %s", async (scheme) => {
    await withPage(siteFolder, isolated, async (page) => {
      await page.emulateMedia({ colorScheme: scheme });
      await dreaming(page);
      for (const tab of await tabsOf(page)) {
        await page.getByRole("tab", { name: tab }).click();
        await page.waitForSelector(shown);
        expect(await violations(page), tab).toEqual([]);
      }
      for (const menu of await page.locator("summary").all()) {
        await menu.click();
        expect(await violations(page), "menu").toEqual([]);
      }
    });
  });

  it("nothing is wider than a screen of 360 pixels", async () => {
    await withPage(siteFolder, isolated, async (page) => {
      await page.setViewportSize({ width: 360, height: 740 });
      await dreaming(page);
      for (const tab of await tabsOf(page)) {
        await page.getByRole("tab", { name: tab }).click();
        await page.waitForSelector(shown);
        const widest = await page.evaluate(() =>
          Math.max(
            ...[...document.querySelectorAll("main *")].map(
              (element) => element.getBoundingClientRect().right,
            ),
          ),
        );
        expect(widest, tab).toBeLessThanOrEqual(360);
      }
    });
  });

  it("is used by the keyboard alone", async () => {
    await withPage(siteFolder, isolated, async (page) => {
      await dreaming(page);
      await page.getByRole("tab", { name: "Dream" }).focus();
      await page.keyboard.press("ArrowRight");
      await page.waitForSelector("text=All pixels are free");
      await page.keyboard.press("ArrowLeft");
      await page.getByRole("listbox").focus();
      await page.keyboard.press("ArrowRight");
      await page.waitForSelector("[role=img][aria-label='Chain 2']");
      await page.getByRole("button", { name: "Pause" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Play" }).waitFor();
    });
  });

  it("computes on one thread where memory cannot be shared, and says why", async () => {
    await withPage(siteFolder, { isolated: false }, async (page) => {
      await dreaming(page);
      await page.getByText("WebAssembly, one thread").first().click();
      await page
        .getByText(/not cross-origin isolated/)
        .first()
        .waitFor();
    });
  });

  it("shows what a link says, and writes what is changed into it", async () => {
    await withPage(siteFolder, isolated, async (page) => {
      const address = new URL(page.url());
      await page.goto(`${address.origin}/#dream?temperature=0.25&chains=24`);
      await dreaming(page);
      const temperature = page.getByLabel("Temperature, exact");
      expect(await temperature.inputValue()).toBe("0.25");
      await page.getByRole("listbox", { name: /24 chains/ }).waitFor();
      await temperature.fill("0.5");
      await temperature.press("Enter");
      await page.waitForURL(/temperature=0.5&chains=24/);
    });
  });
});
