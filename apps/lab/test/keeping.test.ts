// Nothing that somebody made is lost or mixed with something else, on the built site in Chromium.
import { findChromium, withPage } from "@neural-langevin/tooling/chromium";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { siteFolder } from "../site.js";

const open = (hash: string, visit: (page: Page, address: string) => Promise<void>) =>
  withPage(siteFolder, { isolated: true }, async (page) => {
    const address = `${new URL(page.url()).origin}/#${hash}`;
    await page.goto(address);
    await visit(page, address);
  });

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const tab = (page: Page, name: string) => page.getByRole("tab", { name }).click();
const updates = async (page: Page): Promise<number> =>
  Number.parseInt((await page.getByText(/^\d+ \/ \d+$/).textContent()) ?? "", 10);
const picture = (page: Page, name: RegExp): Promise<string> =>
  page
    .locator("[role=application], [role=listbox], [role=img]")
    .and(page.getByLabel(name))
    .locator("canvas")
    .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());

async function enter(page: Page, label: string, value: string): Promise<void> {
  const field = page.getByLabel(label);
  await field.fill(value);
  await field.press("Enter");
}

describe.skipIf(!findChromium())("trainings that are kept in Chromium", () => {
  it("two tabs have one each, and a tab that is closed leaves its to the next", async () => {
    await open("train?k=1&digits=136", async (first, address) => {
      const newTab = async () => {
        const page = await first.context().newPage();
        await page.goto(address.replace("digits=136", "digits=7"));
        return page;
      };
      await first.getByText("Train from noise").click();
      await button(first, "10").waitFor();
      const second = await newTab();
      await second.getByText("Train from noise").waitFor();
      expect(await second.getByRole("button", { name: /^Resume/ }).count()).toBe(0);
      await second.getByText("Train from noise").click();
      await button(second, "10").waitFor();

      await Promise.all([first.reload(), second.reload()]);
      await first.getByText("Data: Digits 1, 3, 6").waitFor();
      await second.getByText("Data: Digits 7").waitFor();
      for (const page of [first, second]) {
        await button(page, "Resume").waitFor();
        expect(await updates(page)).toBeGreaterThanOrEqual(10);
      }
      await second.close();
      const third = await newTab();
      await third.getByRole("button", { name: /^Resume at update \d+$/ }).click();
      await third.getByText("Data: Digits 7").waitFor();
      await third.close();
    });
  });

  it("a training is not discarded unasked", async () => {
    await open("train?k=1&digits=13", async (page) => {
      await page.getByText("Train from noise").click();
      await button(page, "10").waitFor();
      await button(page, "Pause").click();
      await expect.poll(() => button(page, "Resume").count()).toBe(1);
      // The slice under way when the training was paused is still finished.
      await expect
        .poll(async () => {
          const seen = await updates(page);
          await page.waitForTimeout(500);
          return (await updates(page)) - seen;
        })
        .toBe(0);
      const before = await updates(page);
      await button(page, "Start anew").click();
      const question = page.getByRole("dialog");
      await question.getByText(/^Discard the training of Digits 1, 3/).waitFor();
      await button(page, "Keep it").click();
      await question.waitFor({ state: "hidden" });
      expect(await updates(page)).toBe(before);
      await button(page, "Start anew").click();
      await button(page, "Discard it").click();
      await expect.poll(() => updates(page)).toBeLessThan(before);
      await expect.poll(() => button(page, "10").count()).toBe(0);
    });
  });

  it("going back to a checkpoint takes the settings that led to it", async () => {
    await open("train?k=1&digits=13&rate=0.002", async (page) => {
      await page.getByText("Train from noise").click();
      await button(page, "10").waitFor();
      await enter(page, "Learning rate, exact", "0.05");
      await button(page, "20").waitFor();
      await button(page, "10").click();
      await button(page, "Rewind to update 10").click();
      await expect.poll(() => updates(page)).toBe(10);
      expect(await page.getByLabel("Learning rate, exact").inputValue()).toBe("0.002");
    });
  });

  it("a full storage is said in whole sentences, and the training goes on", async () => {
    await open("train?k=1&digits=13", async (page) => {
      const { origin } = new URL(page.url());
      const session = await page.context().newCDPSession(page);
      await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1_000_000 });
      await page.getByText("Train from noise").click();
      const notice = page.getByRole("alert");
      await notice
        .getByText("The browser's storage for this page is full.", { exact: false })
        .waitFor();
      expect(await notice.locator("p").textContent()).toMatch(/save the training as a run\.$/);
      const before = await updates(page);
      await expect.poll(() => updates(page)).toBeGreaterThan(before);
    });
  });
});

describe.skipIf(!findChromium())("what is drawn and shown in Chromium", () => {
  it("a drawing outlives noise, forgetting and other views, and every change is undone", async () => {
    await open("restore", async (page) => {
      const drawing = () => picture(page, /Image to draw on/);
      await page.getByText("Before the damage").waitFor();
      await button(page, "Empty").click();
      const empty = await drawing();
      const sheet = page.getByRole("application", { name: /Image to draw on/ });
      const box = (await sheet.boundingBox())!;
      const at = (share: number) =>
        [box.x + share * box.width, box.y + share * box.height] as const;
      await page.mouse.move(...at(0.3));
      await page.mouse.down();
      await page.mouse.move(...at(0.7), { steps: 8 });
      await page.mouse.up();
      const drawn = await drawing();
      expect(drawn).not.toBe(empty);

      await enter(page, "Share of noise, exact", "1");
      await expect.poll(drawing).not.toBe(drawn);
      await enter(page, "Share of noise, exact", "0");
      await expect.poll(drawing).toBe(drawn);
      for (const half of ["bottom", "left"]) {
        await button(page, half).click();
        await expect.poll(drawing).not.toBe(drawn);
        await button(page, "none").click();
        await expect.poll(drawing).toBe(drawn);
      }
      await page.getByRole("button", { name: "Another 6" }).click();
      await expect.poll(drawing).not.toBe(drawn);
      await button(page, "Undo").click();
      await expect.poll(drawing).toBe(drawn);

      await tab(page, "Dream");
      await page.getByRole("button", { name: "Restart from noise" }).waitFor();
      await tab(page, "Restore");
      await expect.poll(drawing).toBe(drawn);

      // Back over none, left, none, bottom, both noises and the stroke.
      for (let change = 0; change < 5; change++) await button(page, "Undo").click();
      await expect.poll(drawing).toBe(drawn);
      await button(page, "Undo").click();
      await expect.poll(drawing).toBe(empty);
    });
  });

  it("Dream has its chains back, as they stood, when another view is left", async () => {
    await open("dream?chains=24", async (page) => {
      const place = () => page.getByText(/^step \d+$/).textContent();
      await expect.poll(async () => Number((await place())?.slice(5))).toBeGreaterThan(20);
      await button(page, "Pause").click();
      // The frame that was under way when Pause was pressed may still come.
      let step: string | null = null;
      const stands = async () => {
        const last = step;
        step = await place();
        return step === last;
      };
      await expect.poll(stands, { interval: 1000 }).toBe(true);
      const chains = await picture(page, /^24 chains/);
      await tab(page, "Restore");
      await page.getByText("Before the damage").waitFor();
      await tab(page, "Dream");
      // They are the first that is seen there, and not the chain that was restored.
      const first = page.getByRole("listbox", { name: /chains, dreaming/ });
      expect(await first.getAttribute("aria-label")).toMatch(/^24 chains/);
      await expect.poll(() => picture(page, /^24 chains/)).toBe(chains);
      await page.waitForTimeout(1000);
      expect(await place()).toBe(step);
      await button(page, "Play").click();
      await expect.poll(place).not.toBe(step);
    });
  });
});
