// Training in the page: it survives a reload in its middle, and goes back to its checkpoints.
import { readFileSync } from "node:fs";
import { findChromium, withPage } from "@neural-langevin/tooling/chromium";
import { unzipSync } from "fflate";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { siteFolder } from "../site.js";

const updates = (page: Page): Promise<number> =>
  page
    .getByText(/^\d+ \/ 2000$/)
    .textContent()
    .then((text) => Number.parseInt(text ?? "", 10));

describe.skipIf(!findChromium())("training in Chromium", () => {
  it("goes on after a reload, from the state that was kept", async () => {
    await withPage(siteFolder, { isolated: true }, async (page) => {
      await page.goto(`${new URL(page.url()).origin}/#train?k=1`);
      await page.getByText("Train from noise").click();
      await page.getByRole("button", { name: "20", exact: true }).waitFor();
      // A checkpoint is kept before its button is shown.
      await page.reload();
      await page.getByRole("button", { name: "Resume" }).waitFor();
      const kept = await updates(page);
      expect(kept).toBeGreaterThanOrEqual(20);
      await page.getByRole("button", { name: "Resume" }).click();
      await expect.poll(() => updates(page)).toBeGreaterThan(kept);

      await page.getByRole("button", { name: "10", exact: true }).click();
      await page.getByRole("button", { name: "Rewind to update 10" }).click();
      await expect.poll(() => updates(page)).toBe(10);
      expect(await page.getByRole("button", { name: "20", exact: true }).count()).toBe(0);
      await page.getByRole("button", { name: "Resume" }).click();
      await expect.poll(() => updates(page)).toBeGreaterThan(10);
    });
  });

  it("is looked into while it goes on, and waits while another view has its chains", async () => {
    await withPage(siteFolder, { isolated: true }, async (page) => {
      await page.goto(`${new URL(page.url()).origin}/#train?k=1`);
      await page.getByText("Train from noise").click();
      await expect.poll(() => updates(page)).toBeGreaterThan(0);

      const tab = (name: string) => page.getByRole("tab", { name }).click();
      await tab("Synapse");
      const couplings = page.getByRole("region", { name: "Couplings" });
      const learned = async () => Number(await couplings.locator(".number").first().textContent());
      const norm = () => couplings.locator(".number").nth(1).textContent();
      const before = await learned();
      await expect.poll(norm).toMatch(/\d/);
      const first = await norm();
      await expect.poll(norm).not.toBe(first);
      await page.getByText("in chains", { exact: false }).last().waitFor();
      await expect.poll(learned).toBeGreaterThan(before);

      // The machine that the training hands over leaves the image that is restored as it is.
      await tab("Restore");
      await page.getByText(/^step [1-9]\d+$/).waitFor();
      await page.getByText("Before the damage").waitFor();
      await tab("Train");
      await page.getByRole("button", { name: "Pause" }).waitFor();
      const stood = await updates(page);
      expect(stood).toBeGreaterThan(before);
      await expect.poll(() => updates(page)).toBeGreaterThan(stood);

      // One that was paused stands, and stands when its view is back.
      await page.getByRole("button", { name: "Pause" }).click();
      let paused = Number.NaN;
      const stands = async () => {
        const last = paused;
        paused = await updates(page);
        return paused === last;
      };
      // The slice under way when the training was paused is still finished.
      await expect.poll(stands, { interval: 1000 }).toBe(true);
      await tab("Explore");
      await page.getByRole("listbox", { name: /Film of the path/ }).waitFor();
      await tab("Train");
      await page.getByRole("button", { name: "Resume", exact: true }).waitFor();
      await page.getByRole("img", { name: "48 chains of the machine" }).waitFor();
      expect(await updates(page)).toBe(paused);
    });
  });

  it("keeps its own settings and device, whatever the page's are by then", async () => {
    await withPage(siteFolder, { isolated: true }, async (page) => {
      const { origin } = new URL(page.url());
      const own = "k=1&temperature=0.9&dt=0.05&integrator=euler-maruyama&rate=0.002";
      await page.goto(`${origin}/#train?${own}`);
      await page.getByText("Train from noise").waitFor();
      await page.locator("summary", { hasText: "WebAssembly, all threads" }).click();
      await page.getByRole("button", { name: "TensorFlow.js" }).click();
      await page.locator("summary", { hasText: "TensorFlow.js" }).waitFor();
      await page.getByText("Train from noise").click();
      await expect.poll(() => updates(page)).toBeGreaterThan(0);

      await page.getByRole("tab", { name: "Dream" }).click();
      const temperature = page.getByLabel("Temperature, exact");
      await temperature.fill("0.25");
      await temperature.press("Enter");
      await page.locator("summary", { hasText: "TensorFlow.js" }).click();
      await page.getByRole("button", { name: "WebAssembly, one thread" }).click();
      await page.locator("summary", { hasText: "WebAssembly, one thread" }).waitFor();
      await page.locator("summary", { hasText: "trained here" }).click();
      const downloading = page.waitForEvent("download");
      await page.getByRole("button", { name: "Save training as a run" }).click();
      const files = unzipSync(readFileSync(await (await downloading).path()));
      const text = (name: string) => new TextDecoder().decode(files[`lab-run/${name}`]);
      expect(parse(text("config.yaml"))).toMatchObject({
        "negative-phase": "pcd-1",
        temperature: 0.9,
        "step-size": 0.05,
        integrator: "euler-maruyama",
        rate: 0.002,
        gain: 8,
        "label-units": 10,
      });
      const manifest = JSON.parse(text("manifest.json"));
      expect(manifest).toMatchObject({ backend: "tfjs", state: "interrupted" });
      expect(manifest.device).toMatch(/TensorFlow\.js/);

      await page.goto("about:blank");
      await page.goto(`${origin}/#train`);
      await page.getByRole("button", { name: "Resume" }).waitFor();
      const exact = (name: string) => page.getByLabel(`${name}, exact`).inputValue();
      expect(await exact("Temperature")).toBe("0.9");
      expect(await exact("Step size")).toBe("0.05");
      // The address follows a moment later.
      await expect.poll(() => page.url()).toMatch(/integrator=euler-maruyama/);
    });
  });

  it("another backend goes on where the chains are", async () => {
    await withPage(siteFolder, { isolated: true }, async (page) => {
      await page.getByRole("tab", { name: "Dream" }).click();
      await page.waitForSelector("[role=listbox] canvas");
      await page.getByRole("button", { name: "Pause" }).click();

      const look = () =>
        page.evaluate(() => document.querySelector<HTMLCanvasElement>("canvas")!.toDataURL());
      // The frame that was under way when Pause was pressed may still come.
      let before = "";
      const stands = async () => {
        const last = before;
        before = await look();
        return before === last;
      };
      await expect.poll(stands, { interval: 1000 }).toBe(true);
      await page.locator("summary", { hasText: "WebAssembly, all threads" }).click();
      await page.getByRole("button", { name: "WebAssembly, one thread" }).click();
      await page.locator("summary", { hasText: "WebAssembly, one thread" }).waitFor();
      expect((await look()) === before).toBe(true);
    });
  });
});
