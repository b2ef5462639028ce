// What helps a reader, on the built site in Chromium: the tour, links and Back, symbols and sentences, and the time without
// a network.
import { findChromium, withPage } from "@neural-langevin/tooling/chromium";
import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { siteFolder } from "../site.js";
import { tourSteps } from "../src/parts/tour-steps.js";
import { decodePair, encodePair } from "../src/state/pair-settings.js";
import { decodeLink, encodeLink } from "../src/state/settings.js";
import { unexplained } from "./explained.js";

const open = (hash: string, visit: (page: Page, address: string) => Promise<void>) =>
  withPage(siteFolder, { isolated: true }, async (page) => {
    const address = new URL(page.url()).origin;
    await page.goto(`${address}/#${hash}`);
    await visit(page, address);
  });

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const picture = (page: Page, name: RegExp): Promise<string> =>
  page
    .getByLabel(name)
    .locator("canvas")
    .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());

describe("the tour", () => {
  it("has seven steps, whose links say nothing that the lab would not", () => {
    expect(tourSteps).toHaveLength(7);
    for (const { link } of tourSteps) {
      const { view, settings } = decodeLink(link);
      const again = view === "two" ? encodePair(decodePair(link)) : encodeLink(view, settings);
      expect(again.split("?")[0]).toBe(link.split("?")[0]);
      const said = new URLSearchParams(again.split("?")[1]);
      for (const [name, value] of new URLSearchParams(link.split("?")[1])) {
        expect(said.get(name), `${name} of ${link}`).toBe(value);
      }
    }
  });
});

describe.skipIf(!findChromium())("reading in Chromium", () => {
  it("the tour drives the controls, is left, and is taken up where it was", async () => {
    await open("two", async (page) => {
      await button(page, "Take the tour").click();
      await page.getByText("1 / 7").waitFor();
      for (let step = 2; step <= 4; step++) {
        await button(page, "Next").click();
        await page.getByText(`${step} / 7`).waitFor();
      }
      await button(page, "Stop learning").waitFor();
      const learned = page.getByRole("slider", { name: "J₁₂" });
      await expect
        .poll(async () => Number(await learned.getAttribute("aria-valuenow")))
        .toBeGreaterThan(0.8);
      await button(page, "Leave").click();
      await button(page, "Take the tour").click();
      await page.getByText("4 / 7").waitFor();
      await button(page, "Next").click();
      await page.getByRole("img", { name: "Label neurons: 6 is held" }).waitFor();
      await button(page, "Next").click();
      await page.getByRole("application", { name: /Image to draw on/ }).waitFor();
      await button(page, "Next").click();
      await page.getByText("Train from noise").first().waitFor();
      await button(page, "Done").click();
    });
  });

  it("a symbol lights up its control, and a question mark says its sentence", async () => {
    await open("two", async (page) => {
      await page.getByRole("button", { name: /^T: the temperature/ }).hover();
      const lit = page.locator(".slider.lit");
      expect(await lit.getByRole("slider", { name: /^Temperature/ }).count()).toBe(1);
      await page.getByText("T: the temperature", { exact: false }).waitFor();
      await button(page, "What is the share in the wrong place?").click();
      await page.getByText("Ideal is 0; with 200 chains", { exact: false }).waitFor();
      await page.keyboard.press("Escape");
      expect(
        await page.getByText("Ideal is 0; with 200 chains", { exact: false }).isVisible(),
      ).toBe(false);
    });
  });

  it("symbols light up what they are in every view", async () => {
    await open("two", async (page) => {
      for (const view of ["Two", "Dream", "Restore", "Train", "Explore", "Synapse", "Study"]) {
        await page.getByRole("tab", { name: view }).click();
        await page.waitForSelector("[role=tabpanel] :is(canvas, [aria-label=Experiment])");
        const dark = () =>
          page.evaluate(async () => {
            const without: string[] = [];
            for (const part of document.querySelectorAll("section .part")) {
              part.dispatchEvent(new PointerEvent("pointerenter"));
              await new Promise(requestAnimationFrame);
              // The symbol itself is lit too, as often as it stands in the equation.
              const lit = document.querySelectorAll("#view .lit, header .lit").length;
              part.dispatchEvent(new PointerEvent("pointerleave"));
              await Promise.resolve();
              if (lit === 0) without.push(part.ariaLabel ?? "");
            }
            return without;
          });
        expect(await page.locator(".part").count()).toBeGreaterThan(8);
        await expect.poll(dark, { message: view }).toEqual([]);
      }
    });
  });

  it("every number has a question mark that says what it is", async () => {
    await open("two", async (page) => {
      for (const link of [
        "two",
        "dream?chains=24",
        "restore",
        "restore?task=name",
        "train",
        "explore",
        "synapse",
        "study",
      ]) {
        await page.evaluate((hash) => {
          location.hash = hash;
        }, link);
        await page.waitForSelector(`#tab-${link.split("?")[0]}[aria-selected=true]`);
        await page.waitForSelector("[role=tabpanel] :is(canvas, [aria-label=Experiment])");
        if (link === "explore") await page.getByText("Variance of real images").waitFor();
        if (link === "synapse") await page.getByText("in chains").waitFor();
        await expect
          .poll(() => page.locator("#view :is(.number, input[type=number])").count())
          .toBeGreaterThan(2);
        expect(await unexplained(page), link).toEqual([]);
      }
    });
  });

  it("what a finger touches stays lit until it touches something else", async () => {
    await open("two", async (page) => {
      const meaning = page.locator(".meaning");
      const part = page.getByRole("button", { name: /^T: the temperature/ });
      // As a browser does whose fingers give no focus: the pointer leaves with the finger.
      const touch = async (place: Locator) => {
        for (const event of ["pointerenter", "pointerdown", "pointerup", "pointerleave"]) {
          const bubbles = !/enter|leave/.test(event);
          await place.dispatchEvent(event, { pointerType: "touch", bubbles });
        }
      };
      await touch(part);
      await expect.poll(() => meaning.textContent()).toMatch(/how hard noise shakes/);
      await page.waitForTimeout(300);
      expect(await page.locator(".lit").count()).toBeGreaterThan(1);
      await touch(page.locator("footer"));
      await expect.poll(() => page.locator(".lit").count()).toBe(0);
    });
  });

  it("who wants little motion sees one frame a second", async () => {
    await open("two", async (page, address) => {
      await page.emulateMedia({ reducedMotion: "reduce" });
      for (const [hash, name] of [
        ["two", /^The same energy as a surface/],
        ["explore", /^Path in the first three/],
        ["explore?map=landscape", /^Energy landscape/],
      ] as const) {
        await page.goto("about:blank");
        await page.goto(`${address}/#${hash}`);
        const drawn = page.getByRole("application", { name });
        await drawn.waitFor();
        await page
          .getByText(/Finding the directions|measuring the energy/)
          .waitFor({ state: "detached" });
        const frames = await drawn.evaluate(async (element) => {
          let count = 0;
          await new Promise((resolve) => setTimeout(resolve, 2500));
          // Whoever draws clears the canvas first; what moves is on the last one.
          const context = [...element.querySelectorAll("canvas")].at(-1)!.getContext("2d")!;
          context.reset = () => {
            count += 1;
            CanvasRenderingContext2D.prototype.reset.call(context);
          };
          await new Promise((resolve) => setTimeout(resolve, 4200));
          return count;
        });
        expect(frames, hash).toBeGreaterThanOrEqual(1);
        expect(frames, hash).toBeLessThanOrEqual(5);
      }
    });
  });

  it("who wants little motion waits no longer: in a frame as much happens as in a second", async () => {
    await open("two", async (page, address) => {
      await page.emulateMedia({ reducedMotion: "reduce" });
      await page.goto("about:blank");
      await page.goto(`${address}/${tourSteps[3]!.link}`);
      const learned = page.getByRole("slider", { name: "J₁₂" });
      const reached = async () => Number(await learned.getAttribute("aria-valuenow"));
      // At one update a second it would be there after minutes.
      await expect.poll(reached, { timeout: 30_000 }).toBeGreaterThan(0.8);
      await page.goto("about:blank");
      await page.goto(`${address}/#restore?task=name&image=3:1`);
      const steps = async () =>
        Number((await page.locator(".answer .number").first().textContent())?.match(/\d+/)?.[0]);
      await expect.poll(steps, { timeout: 30_000 }).toBeGreaterThan(250);
    });
  });

  it("a link shows the image of Restore and the synapse that one saw", async () => {
    await open("restore", async (page, address) => {
      await button(page, "Another 6").click();
      await page.waitForURL(/image=6/);
      const damaged = await picture(page, /Image to draw on/);
      const link = page.url();
      await page.goto("about:blank");
      await page.goto(link);
      await page.getByText("Before the damage").waitFor();
      await expect.poll(() => picture(page, /Image to draw on/)).toBe(damaged);

      // What somebody draws comes along too, in grey levels as coarse as a link takes.
      await button(page, "Empty").click();
      await page.getByRole("application", { name: /Image to draw on/ }).focus();
      for (const key of ["Space", "ArrowDown", "Space"]) await page.keyboard.press(key);
      await page.waitForURL(/drawing=/);
      /** The red of every pixel of the image, which stands eight times as large on its canvas. */
      const levels = () =>
        page
          .getByLabel(/Image to draw on/)
          .locator("canvas")
          .evaluate((canvas: HTMLCanvasElement) => {
            const { data } = canvas.getContext("2d")!.getImageData(0, 0, 224, 224);
            const redOf = (at: number) =>
              data[4 * (224 * (8 * Math.floor(at / 28) + 4) + 8 * (at % 28) + 4)]!;
            return Array.from({ length: 784 }, (_, at) => redOf(at));
          });
      const drawn = await levels();
      const own = page.url();
      await page.goto("about:blank");
      await page.goto(own);
      await page.getByLabel(/Image to draw on/).waitFor();
      const away = async () => {
        const again = await levels();
        return Math.max(...again.map((level, at) => Math.abs(level - drawn[at]!)));
      };
      await expect.poll(away).toBeLessThan(20);
      expect(Math.max(...drawn) - Math.min(...drawn)).toBeGreaterThan(150);

      await page.goto(`${address}/#synapse?post=800&pre=100`);
      const couplings = page.getByRole("listbox", { name: /Couplings J/ });
      await couplings.getByText("row 801, column 101").waitFor({ state: "attached" });
      await couplings.focus();
      await couplings.press("ArrowRight");
      await page.waitForURL(/pre=101/);
    });
  });

  it("a link that is followed in the page changes the chains that are there", async () => {
    await open("dream?chains=24", async (page) => {
      await page.getByRole("listbox", { name: /^24 chains/ }).waitFor();
      await page.evaluate(() => {
        location.hash = "#dream?chains=12&ask=3";
      });
      await page.getByRole("listbox", { name: /^12 chains/ }).waitFor();
      await page.getByRole("img", { name: "Label neurons: 3 is held" }).waitFor();
      await page.goBack();
      await page.getByRole("listbox", { name: /^24 chains/ }).waitFor();
    });
  });

  it("the energy landscape starts chains where one clicks", async () => {
    await open("explore?map=landscape", async (page) => {
      const plane = page.getByRole("application", { name: /^Energy landscape/ });
      await plane.waitFor();
      await page.getByText("measuring the energy").waitFor({ state: "detached" });
      await plane.hover();
      await plane.getByText(/^E [\d.]+k?$/).waitFor();
      await page.getByRole("listbox", { name: /Film of the path, 16 images/ }).waitFor();
      await plane.click();
      await page.getByRole("listbox", { name: /Film of the path, \d images/ }).waitFor();
    });
  });

  it("works without a network after the first visit", async () => {
    await open("two", async (page, address) => {
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
      await expect.poll(() => page.evaluate(() => caches.match("./").then(Boolean))).toBe(true);
      await page.context().setOffline(true);
      await page.goto(`${address}/?again#dream`);
      await page.waitForSelector("[role=listbox] canvas");
      await page.getByText("WebAssembly, all threads").first().waitFor();
      for (const tab of ["Restore", "Train", "Explore", "Synapse"]) {
        await page.getByRole("tab", { name: tab }).click();
        await page.waitForSelector("[role=tabpanel] canvas");
      }
      for (const name of ["Digits 1, 3 and 6", "Clothes", "Letters"]) {
        await page.locator("summary").first().click();
        await page.getByRole("button", { name, exact: true }).click();
        await page.locator("summary", { hasText: name }).waitFor();
        await page.keyboard.press("Escape");
      }
    });
  });
});
