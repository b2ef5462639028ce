// The main path of the built site in the system's own Firefox, over WebDriver BiDi: two neurons, a 6 on demand, a training and
// its film.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import puppeteer, { type Page, TimeoutError } from "puppeteer-core";
import { describe, expect, it } from "vitest";
import { serveLab } from "../server.js";
import { blocksOf } from "./webm-blocks.js";

const firefox = (process.env.PATH ?? "")
  .split(delimiter)
  .flatMap((folder) => ["firefox-esr", "firefox"].map((name) => join(folder, name)))
  .find((path) => existsSync(path));

/** Opens the site, as `nlm lab` serves it, and fails with what fails in the page. */
async function inFirefox(visit: (page: Page, address: string) => Promise<void>): Promise<void> {
  const server = await serveLab(new Map(), 0);
  const browser = await puppeteer.launch({ browser: "firefox", executablePath: firefox! });
  try {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    page.setDefaultTimeout(60_000);
    await page.setViewport({ width: 1280, height: 800 });
    await visit(page, `http://localhost:${server.port}/`);
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
    await server.close();
  }
}

/**
 * Waits for what is there once the engine has begun. Firefox tells a driver of every worker, and of 100 workers that start
 * workers of their own about 3 then wait for ever for one that never runs, in a page of nothing but them too; of 977 in
 * Firefox without a driver, none did. So where nothing came the page is loaded anew, at most twice.
 */
async function waitForEngine(page: Page, selector: string): Promise<void> {
  for (let loads = 1; loads < 3; loads++) {
    try {
      await page.waitForSelector(selector, { timeout: 20_000 });
      return;
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      console.warn(`The engine did not begin in Firefox, and the page is loaded anew (${loads}).`);
      await page.reload();
    }
  }
  await page.waitForSelector(selector);
}

/** Clicks by the page's own event: a locator first waits for two frames, which on a busy machine took Firefox over a minute. */
async function click(page: Page, selector: string): Promise<void> {
  const element = await page.waitForSelector(selector);
  await element!.evaluate((node) => (node as HTMLElement).click());
}

describe.skipIf(!firefox)("the lab in Firefox", () => {
  it("shows two neurons that respond, draws a 6, and learns", async () => {
    await inFirefox(async (page, address) => {
      await page.goto(address);
      await page.waitForSelector("[aria-label^='The same energy as a surface'] canvas");
      const coupling = await page.waitForSelector("[role=slider][aria-label^='J₁₂']");
      await coupling!.press("ArrowRight");
      await page.waitForFunction(() => location.hash === "#two?J12=2.1");
      const wrong = () =>
        page.evaluate(() => {
          const shown = /in the wrong place\s+(\d+)/.exec(document.body.textContent ?? "");
          return Number(shown?.[1] ?? Number.NaN);
        });
      await expect.poll(wrong).toBeLessThan(30);

      await click(page, "#tab-dream");
      const draw = "button[aria-label='Draw me a 6']";
      await waitForEngine(page, draw);
      await click(page, draw);
      // What real images that look most alike say of the chains that were asked for a 6.
      const sixes = () =>
        page.evaluate(() => {
          const terms = [...document.querySelectorAll("dt")];
          const six = terms.find(({ textContent }) => textContent === "6");
          return Number.parseFloat(six?.nextElementSibling?.textContent ?? "");
        });
      await expect.poll(sixes).toBeGreaterThan(70);

      await page.goto(`${address}#train?digits=16&updates=20&k=2`);
      await click(page, "button.start");
      await page.waitForFunction(() => document.body.textContent?.includes("20 / 20"));
      const chains = await page.$("[role=img][aria-label='48 chains of the machine'] canvas");
      expect(chains).not.toBeNull();

      // It encodes video too: a picture for each of two checkpoints.
      const video = await page.evaluate(async () => {
        const made = new Promise<Blob>((resolve) => {
          const { createObjectURL } = URL;
          URL.createObjectURL = (blob) => {
            resolve(blob as Blob);
            return createObjectURL.call(URL, blob);
          };
        });
        const saves = [...document.querySelectorAll("button")];
        saves.find(({ textContent }) => textContent === "Save the timeline as WebM")!.click();
        return [...new Uint8Array(await (await made).arrayBuffer())];
      });
      expect(blocksOf(Buffer.from(video))).toEqual([0, 400]);
    });
  });
});
