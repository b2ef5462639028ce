// Links that hold what one sees, and the page within the frame of another.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findChromium, withPage } from "@neural-langevin/tooling/chromium";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { siteFolder } from "../site.js";

const open = (place: string, visit: (page: Page) => Promise<void>) =>
  withPage(siteFolder, { isolated: true }, async (page) => {
    await page.goto(`${new URL(page.url()).origin}/${place}`);
    await visit(page);
  });

/** The chain that Dream shows large, once chains stand at their first step. */
const seen = (page: Page): Promise<string> =>
  page
    .locator("[role=img][aria-label^=Chain] canvas")
    .evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());

describe.skipIf(!findChromium())("links in Chromium", () => {
  it("name machine, chain and seed, which give the same chains again", async () => {
    await open("#dream?machine=three-digits&chain=4&seed=7&temperature=0.5", async (page) => {
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.getByRole("img", { name: "Chain 5", exact: true }).waitFor();
      await page.getByText("Digits 1, 3 and 6 ·", { exact: false }).first().waitFor();
      await page.getByRole("button", { name: "Pause" }).click();
      await page.getByRole("button", { name: "Copy link" }).click();
      await page.getByRole("button", { name: "Copied" }).waitFor();
      const link = await page.evaluate(() => navigator.clipboard.readText());
      expect(link).toBe(page.url());

      const restart = page.getByRole("button", { name: "Another", exact: true });
      const start = async (seed: number) => {
        const field = page.getByLabel("Seed of the noise");
        await field.fill(String(seed));
        const before = await seen(page);
        await field.press("Enter");
        await expect.poll(() => seen(page)).not.toBe(before);
        return seen(page);
      };
      const eight = await start(8);
      const nine = await start(9);
      expect(nine).not.toBe(eight);
      expect(await start(8)).toBe(eight);
      expect(await restart.count()).toBe(1);
      await page.waitForURL(/seed=8/);
      expect(page.url()).toMatch(/machine=three-digits/);
    });
  });

  it("bring another machine back with Back", async () => {
    await open("#dream", async (page) => {
      await page.getByText("Ten digits ·", { exact: false }).first().waitFor();
      await page.evaluate(() => {
        location.hash = "dream?machine=fashion&temperature=0.7";
      });
      await page.getByText("Clothes ·", { exact: false }).first().waitFor();
      expect(await page.getByLabel("Temperature, exact").inputValue()).toBe("0.7");
      await page.goBack();
      await page.getByText("Ten digits ·", { exact: false }).first().waitFor();
    });
  });
});

describe.skipIf(!findChromium())("the lab in the frame of another page", () => {
  it("shows a view alone, and the way to the whole lab", async () => {
    await open("?embed=1#two?J12=3", async (page) => {
      await page.getByRole("application", { name: /^Energy of two neurons/ }).waitFor();
      expect(await page.getByRole("tab").count()).toBe(0);
      expect(await page.getByRole("banner").count()).toBe(0);
      const link = page.getByRole("link", { name: "Open in the neural Langevin lab" });
      expect(await link.getAttribute("href")).toBe(`${new URL(page.url()).origin}/#two?J12=3`);
      await page.evaluate(axe.source);
      const found = await page.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
        return (await axe.run()).violations.map(({ id }) => id);
      });
      expect(found).toEqual([]);
    });
  });
});

describe("the picture that other sites show of a link", () => {
  it("is there, in the size that the page says", () => {
    const html = readFileSync(join(siteFolder, "index.html"), "utf8");
    const picture = readFileSync(join(siteFolder, "open-graph.png"));
    expect(html).toMatch(/property="og:image" content="\.\/open-graph\.png"/);
    for (const [name, at] of [
      ["width", 16],
      ["height", 20],
    ] as const) {
      const said = new RegExp(`og:image:${name}" content="(\\d+)"`).exec(html)?.[1];
      expect(picture.readUInt32BE(at)).toBe(Number(said));
    }
  });
});
