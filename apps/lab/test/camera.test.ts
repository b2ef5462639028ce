// Pictures from the camera become images that are learned; who has no camera, or forbids it, reads why.
import { findChromium, withPage } from "@neural-langevin/tooling/chromium";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { siteFolder } from "../site.js";

const open = (args: readonly string[], visit: (page: Page) => Promise<void>) =>
  withPage(siteFolder, { isolated: true, args: ["--disable-gpu", ...args] }, async (page) => {
    await page.getByRole("tab", { name: "Train" }).click();
    await page.getByRole("button", { name: "Or use the camera" }).click();
    await visit(page);
  });

describe.skipIf(!findChromium())("the camera in Chromium", () => {
  it("gives pictures to learn, as they are or inverted", async () => {
    const camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
    await open(camera, async (page) => {
      const take = page.getByRole("button", { name: "Take a picture" });
      await take.click();
      await page.getByRole("img", { name: "1 picture" }).waitFor();
      await take.click();
      await take.click();
      await page.getByRole("button", { name: "Undo", exact: true }).click();
      await page.getByRole("button", { name: "Learn these 2" }).click();
      await page
        .getByRole("dialog", { name: "Pictures from the camera" })
        .waitFor({ state: "hidden" });
      const data = page.getByRole("img", { name: "2 of the 2 images that are learned" });
      await data.waitFor();
      // The levels of the first image's middle, of which the canvas shows one pixel each.
      const brightness = () =>
        data.locator("canvas").evaluate((canvas) => {
          const { data: bytes } = (canvas as HTMLCanvasElement)
            .getContext("2d")!
            .getImageData(0, 0, 28, 28);
          return bytes.reduce((sum, level, at) => sum + (at % 4 === 0 ? level : 0), 0) / 784;
        });
      const before = await brightness();
      await page.getByText("inverted", { exact: true }).click();
      await expect.poll(async () => Math.abs((await brightness()) - before)).toBeGreaterThan(10);
    });
  });

  it("says what is wrong where there is none", async () => {
    await open([], async (page) => {
      const dialog = page.getByRole("dialog", { name: "Pictures from the camera" });
      await dialog
        .getByRole("alert")
        .filter({ hasText: /camera/ })
        .waitFor();
      await dialog.getByRole("button", { name: "Try again" }).waitFor();
      await dialog.getByRole("button", { name: "Close" }).click();
      await dialog.waitFor({ state: "hidden" });
    });
  });
});
