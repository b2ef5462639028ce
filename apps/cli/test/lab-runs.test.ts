// A training moves between the lab and the command line, in Chromium and as a process, and stays the same training bit
// for bit: its data, their order, its initial bias and its settings are all in the run.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { siteFolder } from "@neural-langevin/lab";
import { checkpointName, decodeCheckpoint } from "@neural-langevin/runs";
import { findChromium, withPage } from "@neural-langevin/tooling/chromium";
import { unzipSync } from "fflate";
import { afterAll, describe, expect, it } from "vitest";
import { nlm } from "./command.js";

const folder = mkdtempSync(join(tmpdir(), "nlm-lab-runs-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Page = Parameters<Parameters<typeof withPage>[2]>[0];

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

/** Saves the training of the page as a run, and unpacks it into a folder; returns the run. */
async function saveRun(page: Page, name: string): Promise<string> {
  const menu = page.locator("summary").first();
  await menu.click();
  const downloading = page.waitForEvent("download");
  await button(page, "Save training as a run").click();
  const files = unzipSync(readFileSync(await (await downloading).path()));
  await page.keyboard.press("Escape");
  for (const [path, bytes] of Object.entries(files)) {
    if (path.endsWith("/")) continue;
    const file = join(folder, name, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
  return join(folder, name, "lab-run");
}

/**
 * The bits of a checkpoint: couplings, bias, chains and moments. Averages begin at a share of all updates, of which the
 * trainings here have different numbers.
 */
function checkpoint(run: string, update: number): string {
  const name = checkpointName(update);
  const state = decodeCheckpoint(readFileSync(join(run, "checkpoints", name)), name);
  const arrays = [state.couplings, state.bias, state.chains, state.moments];
  return arrays
    .map((array) =>
      Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("base64"),
    )
    .join();
}

const setUpdates = (run: string, updates: number): void => {
  const file = join(run, "config.yaml");
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace(/^updates: \d+$/m, `updates: ${updates}`));
};

async function resume(run: string): Promise<void> {
  const { status, stderr } = await nlm(["train", "--resume", run], folder);
  expect(stderr).not.toMatch(/results differ/);
  expect(status, stderr).toBe(0);
}

describe.skipIf(!findChromium())("a training in the lab and in `nlm train`", () => {
  it("goes on in either from what the other saved, bit for bit", { timeout: 300_000 }, async () => {
    // Not isolated, so the lab computes on one thread.
    await withPage(siteFolder, { isolated: false }, async (page) => {
      const { origin } = new URL(page.url());
      await page.goto(`${origin}/#train?digits=13&k=2&updates=40&schedule=constant&seed=7`);
      await page.getByText("Train from noise").click();
      await button(page, "20").waitFor({ timeout: 120_000 });
      await button(page, "10").click();
      await button(page, "Rewind to update 10").click();
      await page.getByText("10 / 40").waitFor();
      const atTen = await saveRun(page, "ten");
      await button(page, "Resume").click();
      await page.getByText("40 / 40").waitFor({ timeout: 120_000 });
      await button(page, "Finished").waitFor();
      const ofLab = await saveRun(page, "forty");

      const onwards = join(folder, "onwards");
      cpSync(atTen, onwards, { recursive: true });
      await resume(onwards);
      expect(checkpoint(onwards, 40) === checkpoint(ofLab, 40)).toBe(true);
      expect(checkpoint(onwards, 40) === checkpoint(ofLab, 10)).toBe(false);

      // The other way round: the command line stops at 25, and the lab goes on from there.
      setUpdates(atTen, 25);
      await resume(atTen);
      setUpdates(atTen, 40);
      await page.locator("summary").first().click();
      await page.locator("input[webkitdirectory]").setInputFiles(atTen);
      await page.getByText(/^lab-run, update 25 ·/).waitFor();
      await page.keyboard.press("Escape");
      await button(page, "Train lab-run on from update 25").click();
      await button(page, "Discard it").click();
      await page.getByText("25 / 40").waitFor();
      await button(page, "Resume").click();
      await page.getByText("40 / 40").waitFor({ timeout: 120_000 });
      await button(page, "Finished").waitFor();
      const back = await saveRun(page, "back");
      expect(checkpoint(back, 25) === checkpoint(atTen, 25)).toBe(true);
      expect(checkpoint(back, 40) === checkpoint(ofLab, 40)).toBe(true);
    });
  });
});
