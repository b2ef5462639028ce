// A machine with label neurons, on the built site in Chromium: it draws the digit that it is asked for, and says which one
// it sees.
import { readFileSync } from "node:fs";
import { readMachine } from "@neural-langevin/machines";
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

const step = (page: Page): Promise<number> =>
  page
    .getByText(/^step \d+$/)
    .textContent()
    .then((text) => Number((text ?? "").slice(5)));

describe.skipIf(!findChromium())("label neurons in Chromium", () => {
  it("belong to one of the machines that come along, which the menu names", async () => {
    await open("dream?chains=10", async (page) => {
      await page.locator("summary", { hasText: "Ten digits · 884 neurons" }).click();
      await page.getByRole("button", { name: "Digits 1, 3 and 6", exact: true }).click();
      await page.getByText("Digits 1, 3 and 6 · 784 neurons").waitFor();
      await page.getByRole("button", { name: "Clothes", exact: true }).click();
      await page.getByText("Clothes · 884 neurons").waitFor();
      await page.getByRole("img", { name: "Label neurons: T-shirt is held" }).waitFor();
    });
  });

  it("have names, by which images are asked for, told apart and compared", async () => {
    await open("dream?machine=letters&chains=10", async (page) => {
      await page.getByRole("button", { name: "Draw me a q" }).click();
      await page.getByRole("img", { name: "Label neurons: q is held" }).waitFor();
      await page.waitForURL(/ask=16/);
      const measures = page.getByRole("region", { name: "Measures" });
      const q = measures
        .locator("dt", { hasText: /^q$/ })
        .locator("xpath=following-sibling::dd[1]");
      // What real letters that look most alike say of ten chains that were asked for a q.
      await expect
        .poll(async () => Number.parseFloat((await q.textContent()) ?? ""))
        .toBeGreaterThan(40);
      await page.getByRole("tab", { name: "Restore" }).click();
      await page.getByRole("button", { name: "Another q" }).waitFor();
    });
  });

  it("are pinned to the digit that is asked for, and free when nothing is", async () => {
    await open("dream?chains=10", async (page) => {
      await page.getByRole("img", { name: "Label neurons: 0 is held" }).waitFor();
      await page.getByRole("button", { name: "Draw me a 6" }).click();
      await page.getByRole("img", { name: "Label neurons: 6 is held" }).waitFor();
      await page.waitForURL(/ask=6/);
      await expect.poll(() => step(page)).toBeGreaterThan(5);
      await page.getByRole("button", { name: "anything" }).click();
      await page.getByRole("img", { name: /^Label neurons: \d fires most$/ }).waitFor();
      await page.waitForURL(/ask=free/);
    });
  });

  it("are judged by what can be read of the digits that are asked for", async () => {
    await open("dream?chains=50", async (page) => {
      const measures = page.getByRole("region", { name: "Measures" });
      const shareOf = async (name: string) => {
        const term = measures.locator("dt", { hasText: new RegExp(`^${name}$`) });
        const text = await term.locator("xpath=following-sibling::dd[1]").textContent();
        return Number.parseFloat(text ?? "");
      };
      await expect.poll(() => shareOf("as asked"), { timeout: 30_000 }).toBeGreaterThan(70);
      expect(await shareOf("legible")).toBeGreaterThan(70);
      expect(await shareOf("inverted")).toBeLessThan(10);
      await page.getByRole("button", { name: "anything" }).click();
      await measures.locator("dt", { hasText: /^as asked$/ }).waitFor({ state: "detached" });
      await page.goto(`${new URL(page.url()).origin}/#dream?machine=fashion`);
      await measures.getByText("Adversarial accuracy").waitFor();
      await measures.getByText("Legibility").waitFor({ state: "detached" });
    });
  });

  it("say which digit is pinned, of digits that the machine never saw", async () => {
    await open("restore?task=name", async (page) => {
      const said = page.locator(".said");
      let right = 0;
      for (const digit of [0, 1, 3, 6, 7]) {
        await expect.poll(() => step(page)).toBeGreaterThan(150);
        await page.getByRole("button", { name: "Pause" }).click();
        let before = Number.NaN;
        const stands = async () => {
          const last = before;
          before = await step(page);
          return before === last;
        };
        await expect.poll(stands, { interval: 500 }).toBe(true);
        await page.getByRole("button", { name: `Another ${digit}` }).click();
        // Another step than the one at which the chain before stood is one of the new chain.
        const moved = async () => {
          const now = await step(page);
          return now === before ? 0 : now;
        };
        await expect.poll(moved).toBeGreaterThan(60);
        if ((await said.textContent()) === String(digit)) right++;
      }
      expect(right).toBeGreaterThanOrEqual(4);
    });
  });

  it("say which digit somebody draws, while it is drawn", async () => {
    await open("restore?task=name", async (page) => {
      await page.getByRole("button", { name: "Clean sheet" }).click();
      const sheet = page.getByRole("application", { name: /Image to draw on/ });
      const box = (await sheet.boundingBox())!;
      // A one: a straight stroke from the top to the bottom.
      await page.mouse.move(box.x + 0.53 * box.width, box.y + 0.18 * box.height);
      await page.mouse.down();
      await page.mouse.move(box.x + 0.47 * box.width, box.y + 0.82 * box.height, { steps: 12 });
      await page.mouse.up();
      await expect.poll(() => page.locator(".said").textContent()).toBe("1");
      // What Undo leaves is looked at too.
      await page.mouse.move(box.x + 0.2 * box.width, box.y + 0.5 * box.height);
      await page.mouse.down();
      await page.mouse.move(box.x + 0.8 * box.width, box.y + 0.5 * box.height, { steps: 12 });
      await page.mouse.up();
      await page.getByRole("button", { name: "Undo", exact: true }).click();
      await page.getByRole("button", { name: "Pause" }).waitFor();
      const step = async () =>
        Number((await page.getByText(/^step \d+$/).textContent())?.slice("step ".length));
      await expect.poll(step).toBeGreaterThan(20);
    });
  });

  it("come with a machine's file, which the lab saves and opens again", async () => {
    await open("dream?chains=10&ask=6", async (page) => {
      await page.getByRole("img", { name: "Label neurons: 6 is held" }).waitFor();
      const input = page.locator("header input[type=file]").first();
      const { network } = await readMachine("ten-digits");
      const bytes = Buffer.from(encodeNetwork(network));
      const mimeType = "application/octet-stream";
      await input.setInputFiles({ name: "asked.safetensors", mimeType, buffer: bytes });
      await page.getByText("asked.safetensors · 884 neurons").waitFor();
      await page.getByRole("img", { name: "Label neurons: 6 is held" }).waitFor();
      await page.locator("summary", { hasText: "asked.safetensors" }).click();
      const downloading = page.waitForEvent("download");
      await page.getByRole("button", { name: "Save machine" }).click();
      const saved = readFileSync(await (await downloading).path());
      expect(saved.equals(bytes)).toBe(true);
    });
  });
});
