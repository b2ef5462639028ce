// Experiments in the page: what it offers, and one that runs there and gives the numbers that a program gets.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { parseIdx } from "@neural-langevin/datasets";
import {
  createMemoryStorage,
  denoise,
  experiments,
  runExperiment,
} from "@neural-langevin/experiments";
import { findChromium, withPage } from "@neural-langevin/tooling/chromium";
import axe from "axe-core";
import { gunzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { siteFolder } from "../site.js";
import { elsewherePlans, studyPlans } from "../src/engine/study-plans.js";
import { halfSize } from "../src/files/half-size.js";
import { HELD_OUT_PER_DIGIT } from "../tools/digits.mjs";
import { unexplained } from "./explained.js";

/** The digits that the lab trains on, as its experiments see them. */
function digits() {
  const file = readFileSync(new URL("../src/assets/digits.bin", import.meta.url));
  const { values } = parseIdx(gunzipSync(file), "digits.bin");
  const pixels = (values as Uint8Array).subarray(784 * 10 * HELD_OUT_PER_DIGIT);
  const count = pixels.length / 784;
  const labels = Uint8Array.from({ length: count }, (_, place) => place % 10);
  return halfSize({ width: 28, height: 28, count, pixels, labels, source: "MNIST" });
}

describe("the experiments that the lab knows", () => {
  it("are all that there are, each either to be run in the page or by a command", () => {
    const names = [...studyPlans, ...elsewherePlans].map(({ name }) => name);
    expect(names.sort()).toEqual(experiments.map(({ name }) => name).sort());
  });

  it("are no dead weight: what only the others need is not in the site", () => {
    const notices = readFileSync(join(siteFolder, "THIRD-PARTY-NOTICES.txt"), "utf8");
    expect(notices).toMatch(/^svelte \d/m);
    expect(notices).toMatch(/^gifenc \d/m);
    expect(notices).not.toMatch(/tfjs-layers/);
  });

  it("see digits whose pixels are the means of four", () => {
    const pixels = Uint8Array.of(0, 100, 255, 255, 40, 60, 255, 255);
    const set = { width: 4, height: 2, count: 1, pixels, labels: undefined, source: "four" };
    expect([...halfSize(set).pixels]).toEqual([50, 255]);
  });
});

describe.skipIf(!findChromium())("the Study view in Chromium", () => {
  it("stops an experiment and goes on with it to the numbers that a program gets", async () => {
    const storage = createMemoryStorage();
    const plan = studyPlans.find(({ name }) => name === denoise.name)!;
    const backend = await createCpuBackend({ threads: 1, build: "relaxed" });
    const report = await runExperiment({
      experiment: denoise,
      settings: plan.settings as (typeof denoise.scales)["quick"],
      backend,
      seed: 3,
      storage,
      data: digits,
    });
    await backend.close();
    expect(plan.teraflops).toBeCloseTo(report.flop / 1e12, 2);

    // One thread, as in the program: sums over several end in other bits.
    await withPage(siteFolder, { isolated: false }, async (page) => {
      await page.goto(`${new URL(page.url()).origin}/#study?seed=3&study=denoise`);
      const start = page.getByRole("button", { name: "Run the experiment" });
      await start.focus();
      await start.press("Enter");
      await page.getByText(/^(training memory|restore-[\d.]+): \d+ of \d+/).waitFor();
      await page.getByRole("button", { name: "Stop", exact: true }).click();
      await page.getByRole("button", { name: "Go on" }).click();
      const findings = page.getByRole("region", { name: "Findings", exact: true });
      await findings.waitFor();
      for (const { found } of report.findings) await findings.getByText(found).waitFor();
      await page.evaluate(axe.source);
      const wrong = await page.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
        return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
      });
      expect(wrong).toEqual([]);
      expect(await unexplained(page)).toEqual([]);
      const figures = page.getByRole("region", { name: "Figures", exact: true }).getByRole("img");
      expect(await figures.count()).toBe(report.figures.length);
      const widths = await figures.evaluateAll((images) =>
        images.map((image) => (image as HTMLImageElement).naturalWidth),
      );
      expect(Math.min(...widths)).toBeGreaterThan(300);
      for (const { name } of report.tables) {
        const downloading = page.waitForEvent("download");
        await page.getByRole("button", { name: `Save ${name}.csv` }).click();
        const saved = readFileSync(await (await downloading).path());
        expect(new Uint8Array(saved)).toEqual(storage.files.get(`tables/${name}.csv`));
      }
      // A number and its error are one column, and names are words.
      const table = page.getByRole("table").first();
      const heads = await table.getByRole("columnheader").allInnerTexts();
      expect(heads).toEqual(["level", "method", "restored", "distance"]);
      await table
        .getByRole("cell", { name: /^\d[\d.]* ± [\d.]+$/ })
        .first()
        .waitFor();
      // In the dark, light ink on the page's own paper.
      const shown = () =>
        figures.first().evaluate(async (image) => {
          const answer = await fetch((image as HTMLImageElement).src).catch(() => undefined);
          return (await answer?.text()) ?? "";
        });
      expect(await shown()).toContain('fill="#ffffff"');
      await page.emulateMedia({ colorScheme: "dark" });
      await expect.poll(shown).not.toContain('fill="#ffffff"');
      const downloading = page.waitForEvent("download");
      const [first] = report.figures;
      await page.getByRole("button", { name: `Save ${first!.name}.svg as PNG` }).click();
      const png = readFileSync(await (await downloading).path());
      // Four times as wide as the figure.
      expect(png.readUInt32BE(16)).toBe(4 * widths[0]!);
    });
  });
});
