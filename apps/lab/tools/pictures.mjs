// Takes the README's pictures of the lab from the built site in Chromium:
//
//   npm run lab:pictures -- [FOLDER]     docs/pictures unless a folder is named
//
// One of every view, light and dark in turn; and, with a folder, also of a small screen.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withPage } from "@neural-langevin/tooling/chromium";
import { siteFolder } from "../site.js";
import { takeOpenGraph } from "./open-graph.mjs";

const [named] = process.argv.slice(2);
const folder = named ?? fileURLToPath(new URL("../../../docs/pictures", import.meta.url));
const wide = { width: 1280, height: 800 };
const tall = { width: 1280, height: 940 };
const small = { width: 360, height: 740 };
/** Where chains or a training are when their picture is taken, whatever computes them: a number before these words. */
const reached = /** @type {Record<string, [pattern: string, least: number]>} */ ({
  dream: ["^step (\\d+)$", 1200],
  train: ["^(\\d+) / \\d+$", 400],
});

await mkdir(folder, { recursive: true });
await withPage(siteFolder, { isolated: true }, async (page) => {
  /** The place of what is shown: all of it, or the panels of these names. */
  const placeOf = async (/** @type {string[]} */ names) => {
    const panels = names.map((name) => page.getByRole("region", { name, exact: true }));
    const boxes = (await Promise.all(panels.map((panel) => panel.boundingBox()))).flatMap(
      (box) => box ?? [],
    );
    if (boxes.length === 0) return {};
    const x = Math.min(...boxes.map((box) => box.x)) - 8;
    const y = Math.min(...boxes.map((box) => box.y)) - 8;
    const right = Math.max(...boxes.map((box) => box.x + box.width)) + 8;
    const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + 8;
    return { clip: { x, y, width: right - x, height: bottom - y } };
  };
  const take = async (/** @type {string} */ name) => {
    const wanted = reached[name];
    if (wanted) {
      const isThere = (/** @type {[string, number]} */ [pattern, least]) =>
        [...document.querySelectorAll(".number")].some(
          ({ textContent }) => Number(textContent?.match(pattern)?.[1]) >= least,
        );
      await page.waitForFunction(isThere, wanted, { timeout: 900_000 });
    }
    if (name === "explore") {
      // The energies of the contours are there when all of them are measured.
      const contours = page.getByRole("button", { name: "What is the energy of a contour?" });
      await contours.waitFor({ timeout: 300_000 });
    }
    await page.waitForTimeout(8000);
    await page.evaluate(() => scrollTo(0, 0));
    // All couplings look like noise, of which the picture would be a megabyte; an experiment has many figures.
    const parts = /** @type {Record<string, string[]>} */ ({
      synapse: ["One coupling", "Learning rule"],
      study: ["Experiments", "Findings"],
    });
    const place = await placeOf(parts[name] ?? []);
    await page.screenshot({
      path: join(folder, `lab-${name}.png`),
      fullPage: "clip" in place,
      ...place,
    });
    process.stdout.write(`${join(folder, `lab-${name}.png`)}\n`);
  };
  await page.getByRole("tab", { name: "Dream" }).click();
  await page.waitForSelector("[role=listbox] canvas");
  // The training comes last, because it leaves its machine to the views after it.
  const tabs = (await page.getByRole("tab").allInnerTexts()).filter((tab) => tab !== "Train");
  for (const [at, tab] of [...tabs, "Train"].entries()) {
    const view = tab.toLowerCase().split(" ")[0] ?? "";
    await page.setViewportSize(["synapse", "restore", "explore"].includes(view) ? tall : wide);
    await page.emulateMedia({ colorScheme: at % 2 === 0 ? "light" : "dark" });
    await page.getByRole("tab", { name: tab }).click();
    // Data, so that the rule has something to do; and the landscape, which says more than points.
    if (view === "two") await page.getByRole("button", { name: "nothing learned yet" }).click();
    if (view === "two") await page.getByRole("button", { name: "Learn the data" }).click();
    if (view === "explore") await page.getByText("energy", { exact: true }).click();
    if (view === "train") await page.getByText("Train from noise").click();
    if (view === "synapse") await page.getByText("largest magnitude").waitFor();
    if (view === "study") {
      await page.getByRole("button", { name: "Run the experiment" }).click();
      await page.getByRole("heading", { name: "Findings" }).waitFor({ timeout: 300_000 });
    }
    await take(view);
    if (named === undefined) continue;
    await page.emulateMedia({ colorScheme: at % 2 === 0 ? "dark" : "light" });
    await page.screenshot({ path: join(folder, `lab-${view}-other.png`) });
    await page.setViewportSize(small);
    await page.waitForTimeout(1000);
    await page.screenshot({ path: join(folder, `lab-${view}-small.png`), fullPage: true });
  }
  if (named === undefined) {
    await takeOpenGraph(page);
    return;
  }
  await page.setViewportSize(wide);
  for (const [at, menu] of (await page.locator("summary").all()).entries()) {
    await menu.click();
    await page.waitForTimeout(10_000);
    await page.screenshot({ path: join(folder, `lab-menu-${at}.png`) });
  }
});
