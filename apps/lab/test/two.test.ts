// The machine of two neurons: what it computes, and the view on the built site in Chromium.
import { findChromium, withPage } from "@neural-langevin/tooling/chromium";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { siteFolder } from "../site.js";
import {
  decodePair,
  defaultPair,
  encodePair,
  type PairSettings,
} from "../src/state/pair-settings.js";

describe("a link of two neurons", () => {
  it("says only what is not the default, and says it exactly", () => {
    expect(encodePair(defaultPair)).toBe("#two");
    const pair: PairSettings = {
      ...defaultPair,
      J12: -1.25,
      b2: 0.5,
      temperature: 0,
      feedback: false,
      data: [
        [1.5, -2],
        [0.25, 3],
      ],
    };
    expect(decodePair(encodePair(pair))).toEqual(pair);
  });

  it("that is wrong means the defaults", () => {
    expect(decodePair("#two?J12=9&b1=x&temperature=&dt=0&data=1_2_3~5_0~a_b")).toEqual(defaultPair);
  });
});

const open = (hash: string, visit: (page: Page) => Promise<void>) =>
  withPage(siteFolder, { isolated: true }, async (page) => {
    await page.goto(`${new URL(page.url()).origin}/#${hash}`);
    await visit(page);
  });

/** The share of states in the wrong place, in per cent. */
const wrong = async (page: Page): Promise<number> => {
  const text = await page.getByText(/^in the wrong place/).textContent();
  return Number(text?.match(/\d+/)?.[0] ?? Number.NaN);
};

const coupling = async (page: Page, name: string): Promise<number> =>
  Number(await page.getByRole("slider", { name }).getAttribute("aria-valuenow"));

describe.skipIf(!findChromium())("the machine of two neurons in Chromium", () => {
  it("starts no worker, and samples exp(−E/T)/Z", async () => {
    await open("two?temperature=0.5", async (page) => {
      await expect.poll(() => wrong(page), { timeout: 120_000 }).toBeLessThan(12);
      expect(page.workers()).toEqual([]);
    });
  });

  it("samples something else without the feedback", async () => {
    await open("two?J12=3&J21=-3&temperature=0.5&feedback=false", async (page) => {
      await page.waitForTimeout(8000);
      expect(await wrong(page)).toBeGreaterThan(30);
    });
  });

  it("learns data that were put with the mouse", async () => {
    await open("two?J12=0&J21=0&temperature=0.3", async (page) => {
      const plane = page.getByRole("application", { name: /^Energy of two neurons/ });
      const box = (await plane.boundingBox())!;
      const at = (x: number, y: number) => ({
        position: { x: ((x + 4) / 8) * box.width, y: ((4 - y) / 8) * box.height },
      });
      for (const [x, y] of [
        [1.6, 1.7],
        [1.8, 1.5],
        [-1.6, -1.7],
        [-1.8, -1.5],
      ] as const) {
        await plane.click(at(x, y));
      }
      await page.waitForURL(/data=/);
      await page.getByRole("button", { name: "Learn the data" }).click();
      // Neurons that are data together come to push each other.
      await expect.poll(() => coupling(page, "J₁₂")).toBeGreaterThan(1);
      await expect.poll(() => coupling(page, "J₂₁")).toBeGreaterThan(1);
      expect(await coupling(page, "J₁₁")).toBe(0);
    });
  });

  it("is changed by the keyboard, and Back comes back to it", async () => {
    await open("two", async (page) => {
      const number = page.getByRole("slider", { name: "J₁₂" });
      await number.focus();
      await number.press("ArrowRight");
      await page.waitForURL(/J12=2.1/);
      await page.getByRole("tab", { name: "Dream" }).click();
      await page.waitForURL(/#dream/);
      await page.waitForSelector("[role=listbox] canvas");
      await page.goBack();
      await page.waitForURL(/#two\?J12=2.1/);
      expect(await coupling(page, "J₁₂")).toBe(2.1);
      await page.goForward();
      await page.waitForSelector("[role=listbox] canvas");
    });
  });
});
