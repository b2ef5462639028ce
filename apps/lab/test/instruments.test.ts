// The numbers that the page shows are numbers of the chains that it shows, on the built site in Chromium.
import { encodeNpy } from "@neural-langevin/datasets";
import { encodeNetwork } from "@neural-langevin/runs";
import { findChromium, withPage } from "@neural-langevin/tooling/chromium";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { siteFolder } from "../site.js";

const open = (hash: string, visit: (page: Page) => Promise<void>) =>
  withPage(siteFolder, { isolated: true }, async (page) => {
    await page.goto(`${new URL(page.url()).origin}/#${hash}`);
    await visit(page);
  });

/** First and last step of a curve, as its label says them. */
const stepsOf = async (page: Page, label: RegExp): Promise<[number, number]> => {
  const curve = page.getByRole("img", { name: label });
  const text = (await curve.getAttribute("aria-label")) ?? "";
  const [first = Number.NaN, last = Number.NaN] = (text.match(/\d+/g) ?? []).map(Number);
  return [first, last];
};

async function setTemperature(page: Page, value: string): Promise<void> {
  const field = page.getByLabel("Temperature, exact");
  await field.fill(value);
  await field.press("Enter");
}

const file = (name: string, bytes: Uint8Array) => ({
  name,
  mimeType: "application/octet-stream",
  buffer: Buffer.from(bytes),
});

describe.skipIf(!findChromium())("instruments in Chromium", () => {
  it("Restore begins its curves with every image and every attempt", async () => {
    await open("restore", async (page) => {
      const energies = /^Energy over steps/;
      await page.getByText("Before the damage").waitFor();
      const follows = async (press: string) => {
        await page.getByRole("button", { name: press, exact: true }).click();
        await expect
          .poll(async () => {
            const [first, last] = await stepsOf(page, energies);
            return first <= 2 && last >= first + 10;
          })
          .toBe(true);
        // The curve ends where the chain is, and not where another chain was.
        await expect
          .poll(async () => {
            const [, last] = await stepsOf(page, energies);
            const shown = await page.getByText(/^step \d+$/).textContent();
            return Math.abs(Number(shown!.slice(5)) - last) <= 20;
          })
          .toBe(true);
      };
      for (const press of ["Another 6", "Once more", "Another 1", "Once more", "Once more"]) {
        await follows(press);
      }
    });
  });

  it("Dream begins its mean with every start, and never mixes two", async () => {
    await open("dream?chains=24", async (page) => {
      const means = /^Mean energy of the chains over steps/;
      await expect.poll(async () => (await stepsOf(page, means))[1]).toBeGreaterThan(50);
      await page.evaluate(() => {
        const scope = globalThis as typeof globalThis & { backwards: string[]; least: number };
        scope.backwards = [];
        const curve = document.querySelector('[aria-label^="Mean energy of the chains"]')!;
        new MutationObserver(() => {
          const label = curve.getAttribute("aria-label") ?? "";
          const [first = 0, last = 0] = (label.match(/\d+/g) ?? []).map(Number);
          if (first > last) scope.backwards.push(label);
          scope.least = Math.min(scope.least, last);
        }).observe(curve, { attributes: true });
      });
      const begins = async (change: () => Promise<void>) => {
        const [, before] = await stepsOf(page, means);
        expect(before).toBeGreaterThan(30);
        const least = (begins = false) =>
          page.evaluate((begins) => {
            const scope = globalThis as typeof globalThis & { least: number };
            if (begins) scope.least = Number.POSITIVE_INFINITY;
            return scope.least;
          }, begins);
        await least(true);
        await change();
        // The page itself looks, because a test that is slow would come too late.
        await expect.poll(() => least()).toBeLessThan(before);
        await expect.poll(async () => (await stepsOf(page, means))[1]).toBeGreaterThan(50);
      };
      await begins(() => page.getByRole("button", { name: "Restart from noise" }).click());
      await begins(() => page.getByText("100", { exact: true }).click());
      await begins(() => page.getByRole("button", { name: "Restart from noise" }).click());
      const backwards = () =>
        page.evaluate(() => (globalThis as typeof globalThis & { backwards: string[] }).backwards);
      expect(await backwards()).toEqual([]);
    });
  });

  it("the histogram has a readable axis at T = 0, and draws each frame once", async () => {
    await open("dream?chains=24&temperature=0&pace=20", async (page) => {
      const figure = page.getByRole("img", { name: "Distribution of the chains' energies" });
      await figure.waitFor();
      const drawn = await page.evaluate(async () => {
        const bars = document.querySelector('[aria-label^="Distribution"] svg')!;
        const place = [...document.querySelectorAll("span")].find((span) =>
          /^step \d+$/.test(span.textContent ?? ""),
        )!;
        const counted = { bars: 0, frames: 0, chains: [] as number[] };
        const options = { attributes: true, characterData: true, childList: true, subtree: true };
        new MutationObserver((changes) => {
          counted.bars += changes.length;
        }).observe(bars, options);
        new MutationObserver(() => {
          counted.frames++;
          const most = Number(bars.parentElement!.querySelector("i")!.textContent);
          // The tallest bar has height 10, or is one of three chains of the 24.
          const unit = 10 / Math.max(most, 3);
          const tall = [...bars.querySelectorAll("rect")].map((bar) => bar.height.baseVal.value);
          counted.chains.push(tall.reduce((sum, one) => sum + one, 0) / unit);
        }).observe(place, options);
        while (counted.frames < 40) await new Promise(requestAnimationFrame);
        return counted;
      });
      // While energies fall, every chain stands in a bar.
      for (const chains of drawn.chains) expect(chains).toBeCloseTo(24, 3);
      // A frame changes two numbers of each of the 24 bars at most.
      expect(drawn.bars / drawn.frames).toBeLessThanOrEqual(48);
      for (const end of await figure.locator("span").allTextContents()) {
        expect(Number(end) === 0 || Number(end) > 1e-9, end).toBe(true);
      }
    });
  });

  it("equilibrium is a mean over one temperature", async () => {
    await open("dream?chains=24&pace=1", async (page) => {
      const meter = page.getByRole("meter", { name: "Equilibrium" });
      await expect.poll(() => meter.getAttribute("aria-valuetext")).toMatch(/\d/);
      await setTemperature(page, "0");
      await expect.poll(() => meter.getAttribute("aria-valuetext")).toBe("–");
      const frames = page.evaluate(async () => {
        const stepOf = () => {
          const all = [...document.querySelectorAll("span")].map((span) => span.textContent ?? "");
          return Number(all.find((text) => /^step \d+$/.test(text))!.slice(5));
        };
        const meter = document.querySelector("[role=meter]")!;
        let last = stepOf();
        while (meter.getAttribute("aria-valuetext") === "–") {
          // Frames at T = 0 end when the link says that T is another.
          if (!location.hash.includes("temperature=3")) last = stepOf();
          await new Promise(requestAnimationFrame);
        }
        return stepOf() - last;
      });
      await setTemperature(page, "3");
      expect(await frames).toBeLessThan(20);
    });
  });

  it("says that chains are paused, in place of a speed", async () => {
    await open("dream", async (page) => {
      const status = page.locator("summary").last();
      await status.getByText(/^\d[\d.]* steps\/s$/).waitFor();
      await page.getByRole("button", { name: "Pause" }).click();
      await status.getByText("paused").waitFor();
      await page.getByRole("button", { name: "Play" }).click();
      await status.getByText(/^\d[\d.]* steps\/s$/).waitFor();
    });
  });

  it("compares with what was learned, and with nothing where nobody says", async () => {
    await open("train?k=1", async (page) => {
      const count = 12;
      const discs = Uint8Array.from({ length: count * 784 }, (_, at) => {
        const [image, unit] = [Math.floor(at / 784), at % 784];
        const away = Math.hypot((unit % 28) - 14, Math.floor(unit / 28) - 14);
        return away < 4 + image / 2 ? 255 : 0;
      });
      await page.getByText("Train from noise").waitFor();
      const input = page.locator("header input[type=file]").first();
      await input.setInputFiles(file("discs.npy", encodeNpy(discs, [count, 28, 28])));
      await page.getByText("Data: discs.npy").waitFor();
      await page.getByText("Train from noise").click();
      await expect
        .poll(async () => {
          const text = await page.getByText(/^\d+ \/ 2000$/).textContent();
          return Number.parseInt(text ?? "", 10);
        })
        .toBeGreaterThan(2);
      await page.getByRole("tab", { name: "Dream" }).click();
      const measures = page.getByRole("region", { name: "Measures" });
      await measures.getByText("Adversarial accuracy", { exact: false }).waitFor();
      const accuracy = measures.locator("dd.number").first();
      await expect.poll(() => accuracy.textContent()).toMatch(/^[01]\.\d+ ± 0\.\d+$/);
      expect(await measures.getByText("Digits among the chains").count()).toBe(0);

      const couplings = new Float32Array(784 ** 2);
      const machine = { units: 784, couplings, bias: new Float32Array(784) };
      await input.setInputFiles(file("unknown.safetensors", encodeNetwork(machine)));
      await measures
        .getByText("It is not known what this machine learned", { exact: false })
        .waitFor();
      expect(await measures.getByText("Adversarial accuracy", { exact: false }).count()).toBe(0);
    });
  });
});
