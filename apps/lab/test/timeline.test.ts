// What Train says of a training on its way: what its chains were at every checkpoint, and that it goes wrong.
import { readFileSync } from "node:fs";
import { findChromium, withPage } from "@neural-langevin/tooling/chromium";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { siteFolder } from "../site.js";
import { growthOf } from "../src/state/training-warning.js";
import { unexplained } from "./explained.js";
import { blocksOf } from "./webm-blocks.js";

const rowsOf = (gradients: readonly number[]) =>
  gradients.map((couplingsGradient, at) => ({ update: at, couplingsGradient }));

describe("a training that goes wrong", () => {
  it("is one in which the energy of the data grows from the first row on", () => {
    const energies = [25e3, 700e3, 300e3, 200e3, 130e3, 120e3, 110e3];
    const rows = energies.map((dataEnergy, at) => ({ update: at, dataEnergy }));
    expect(growthOf(rows)?.what).toBe("energy of the data");
    expect(growthOf(rows)?.times).toBeCloseTo((300 + 200 + 130 + 120 + 110) / 5 / 25, 6);
    expect(growthOf(rows.toReversed())).toBeUndefined();
  });

  it("is one whose gradient grows to several times its least, not one that fluctuates", () => {
    const falls = Array.from({ length: 40 }, (_, at) => 10 / (1 + at));
    expect(growthOf(rowsOf(falls))).toBeUndefined();
    const noisy = falls.map((value, at) => value * (at % 2 === 0 ? 0.5 : 1.5));
    expect(growthOf(rowsOf(noisy))).toBeUndefined();
    const grows = Array.from({ length: 20 }, (_, at) => 0.25 * 1.2 ** at);
    const growth = growthOf(rowsOf([...falls, ...grows]));
    // The mean of the last five is 1 + 1.2⁻¹ + … + 1.2⁻⁴ fifths of the last one.
    const last = (0.25 * (1.2 ** 15 + 1.2 ** 16 + 1.2 ** 17 + 1.2 ** 18 + 1.2 ** 19)) / 5;
    const least = (10 / 37 + 10 / 38 + 10 / 39 + 10 / 40 + 0.25) / 5;
    expect(growth).toEqual({ what: "gradient", times: expect.closeTo(last / least, 6) });
    expect(growthOf([])).toBeUndefined();
  });
});

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const picture = (page: Page, name: string): Promise<string> =>
  page
    .getByRole("img", { name, exact: true })
    .locator("canvas")
    .evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());

describe.skipIf(!findChromium())("the timeline of a training in Chromium", () => {
  it("shows what the chains were at a checkpoint, also after a reload, and goes on meanwhile", async () => {
    await withPage(siteFolder, { isolated: true }, async (page) => {
      await page.goto(`${new URL(page.url()).origin}/#train?k=1&digits=13`);
      await page.getByText("Train from noise").click();
      await button(page, "20").waitFor();
      await button(page, "10").focus();
      await page.keyboard.press("Enter");
      const name = "48 chains of the machine at update 10";
      const then = await picture(page, name);
      const updates = () => page.getByText(/^\d+ \/ 2000$/).textContent();
      const before = await updates();
      await expect.poll(updates).not.toBe(before);
      expect(await picture(page, name)).toBe(then);
      await button(page, "20").click();
      expect(await picture(page, "48 chains of the machine at update 20")).not.toBe(then);
      expect(await unexplained(page)).toEqual([]);

      await page.reload();
      await button(page, "10").waitFor();
      await button(page, "Resume at update").waitFor({ state: "detached" });
      await button(page, "10").click();
      expect(await picture(page, name)).toBe(then);
      await button(page, "Look at now").click();
      await page.getByRole("img", { name: "48 chains of the machine", exact: true }).waitFor();
      await page.getByText(/^From update 1200 on J and b are averaged/).waitFor();

      const downloading = page.waitForEvent("download");
      await button(page, "Save the timeline as GIF").click();
      const gif = readFileSync(await (await downloading).path());
      const film = await page.evaluate(
        async (bytes) => {
          const decoder = new ImageDecoder({ data: new Uint8Array(bytes), type: "image/gif" });
          await decoder.tracks.ready;
          const { frameCount = 0, repetitionCount } = decoder.tracks.selectedTrack!;
          const { image } = await decoder.decode({ frameIndex: 0 });
          const { displayWidth, displayHeight, duration } = image;
          return { frameCount, repetitionCount, displayWidth, displayHeight, duration };
        },
        [...gif],
      );
      // 48 images of 28 × 28 pixels in 8 columns, three times as large, with gaps; 400 ms for a checkpoint.
      const checkpoints = await page
        .getByRole("group", { name: "Look at a checkpoint" })
        .getByRole("button")
        .count();
      expect(film).toEqual({
        frameCount: checkpoints - 1,
        repetitionCount: Number.POSITIVE_INFINITY,
        displayWidth: 8 * 87 - 3,
        displayHeight: 6 * 87 - 3,
        duration: 400_000,
      });
      const recording = page.waitForEvent("download");
      await button(page, "Save the timeline as WebM").click();
      const webm = readFileSync(await (await recording).path());
      const video = await page.evaluate(
        async ([bytes, gifBytes]) => {
          const greysOf = (image: CanvasImageSource, width: number, height: number) => {
            const context = new OffscreenCanvas(width, height).getContext("2d")!;
            context.drawImage(image, 0, 0);
            return context.getImageData(0, 0, width, height).data.filter((_, at) => at % 4 === 0);
          };
          const decoder = new ImageDecoder({ data: new Uint8Array(gifBytes), type: "image/gif" });
          await decoder.tracks.ready;
          const video = document.createElement("video");
          video.src = URL.createObjectURL(
            new Blob([new Uint8Array(bytes)], { type: "video/webm" }),
          );
          await new Promise((resolve, reject) => {
            video.onloadeddata = resolve;
            video.onerror = reject;
          });
          const { videoWidth, videoHeight, duration } = video;
          // Its last picture is seen where it should be.
          video.currentTime = duration - 0.2;
          await new Promise((resolve) => {
            video.onseeked = resolve;
          });
          const frameIndex = decoder.tracks.selectedTrack!.frameCount - 1;
          const { image } = await decoder.decode({ frameIndex });
          const size = [image.displayWidth, image.displayHeight] as const;
          const [wanted, seen] = [greysOf(image, ...size), greysOf(video, ...size)];
          const mean = (values: ArrayLike<number>) =>
            Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
          return {
            videoWidth,
            videoHeight,
            duration,
            // How much brighter or darker it is on average: a range that players do not expect makes it 4 of 255.
            shift: mean(seen) - mean(wanted),
          };
        },
        [[...webm], [...gif]] as const,
      );
      expect(video).toEqual({
        videoWidth: 694,
        videoHeight: 520,
        duration: expect.closeTo(0.4 * film.frameCount, 5),
        shift: expect.closeTo(0, 0),
      });
      // A block for every picture: one that is dropped is missed.
      const blocks = blocksOf(webm);
      expect(blocks).toEqual(Array.from({ length: film.frameCount }, (_, at) => 400 * at));
    });
  });

  it("ends with the end of the training", async () => {
    await withPage(siteFolder, { isolated: true }, async (page) => {
      await page.goto(`${new URL(page.url()).origin}/#train?k=1&digits=13&updates=15`);
      await page.getByText("Train from noise").click();
      await button(page, "15").waitFor();
      const strip = page.getByRole("group", { name: "Look at a checkpoint" }).getByRole("button");
      expect(await strip.locator(".number").allInnerTexts()).toEqual(["0", "10", "15"]);
    });
  });

  it("is warned of a rate that is too large", async () => {
    await withPage(siteFolder, { isolated: true }, async (page) => {
      await page.goto(`${new URL(page.url()).origin}/#train?k=1&rate=0.1&schedule=constant`);
      await page.getByText("Train from noise").click();
      await page
        .getByText(/^The (gradient|energy of the data) has grown to \d+ times its least/)
        .waitFor();
    });
  });
});
