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
import { CUT_HEIGHT, EnergySurface, SIDE } from "../src/views/two/energy-surface.js";
import { levels } from "../src/views/two/pair-machine.svelte.js";

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

describe("the energy of two neurons as a surface", () => {
  const couplings = Float64Array.of(0, 2, 2, 0);
  const surface = new EnergySurface({ units: 2, couplings, bias: new Float64Array(2) });

  it("is as high as E = ½‖−x + J tanh x‖² says, and lowest where the network stands still", () => {
    for (const [x1, x2] of [
      [0, 0],
      [1, 1],
      [-2, -2],
      [3, -1],
    ] as const) {
      const v = [-x1 + 2 * Math.tanh(x2), -x2 + 2 * Math.tanh(x1)] as const;
      const [, , height] = surface.placeOf(x1, x2)!;
      expect(height).toBeCloseTo(surface.heightOf((v[0] ** 2 + v[1] ** 2) / 2), 1);
    }
    expect(surface.placeOf(0, 0)![2]).toBeCloseTo(-CUT_HEIGHT, 12);
    expect(surface.placeOf(4.1, 0)).toBeUndefined();
  });

  it("is cut off where it is high, by a rim at that energy", () => {
    const cells = surface.cells(levels);
    const shown = cells.filter((cell) => cell !== undefined);
    expect(shown.length).toBeLessThan(SIDE ** 2);
    const heights = shown.flatMap(({ outline }) => outline.map(([, , height]) => height));
    expect(Math.max(...heights)).toBeCloseTo(CUT_HEIGHT, 12);
  });

  it("hides a valley from one who looks from beyond the wall, and from nobody above", () => {
    const valley = surface.placeOf(2, 2)!;
    expect(surface.hides(valley, [0.05, -0.05, 0])).toBe(true);
    expect(surface.hides(valley, [0, 0, 0.05])).toBe(false);
  });
});

const open = (hash: string, visit: (page: Page) => Promise<void>) =>
  withPage(siteFolder, { isolated: true }, async (page) => {
    await page.goto(`${new URL(page.url()).origin}/#${hash}`);
    await visit(page);
  });

/** A short word that is another one when the picture is. */
async function hashOfCanvas(canvas: Element): Promise<string> {
  const text = new TextEncoder().encode((canvas as HTMLCanvasElement).toDataURL());
  // A page that is served from this computer may use the browser's cryptography.
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", text));
  return Array.from(hash.subarray(0, 8), (byte) => byte.toString(16)).join("-");
}

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
      await expect.poll(() => wrong(page)).toBeLessThan(12);
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

  it("shows its energy as a surface that keys and the pointer turn", async () => {
    await open("two", async (page) => {
      await page.getByRole("button", { name: "Pause" }).click();
      const surface = page.getByRole("application", { name: /^The same energy as a surface/ });
      const look = () => surface.locator("canvas").first().evaluate(hashOfCanvas);
      const before = await look();
      await surface.press("ArrowRight");
      await expect.poll(look).not.toBe(before);
      const byKey = await look();
      const { x, y, width, height } = (await surface.boundingBox())!;
      await page.mouse.move(x + width / 2, y + height / 2);
      await page.mouse.down();
      await page.mouse.move(x + width / 2 + 60, y + height / 2 + 20);
      await page.mouse.up();
      await expect.poll(look).not.toBe(byKey);
      const byPointer = await look();
      // A change of the machine changes its surface.
      await page.getByRole("slider", { name: "J₁₁" }).press("ArrowRight");
      await expect.poll(look).not.toBe(byPointer);
      expect(new Set([before, byKey, byPointer]).size).toBe(3);
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
