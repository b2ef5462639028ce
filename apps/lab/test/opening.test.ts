// What the page says of files and numbers that it takes, and of those that it does not, on the built site in Chromium.
import { encodeNpy } from "@neural-langevin/datasets";
import { encodeNetwork } from "@neural-langevin/runs";
import { findChromium, withPage } from "@neural-langevin/tooling/chromium";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { siteFolder } from "../site.js";

const dreaming = (visit: (page: Page) => Promise<void>) =>
  withPage(siteFolder, { isolated: true }, async (page) => {
    await page.getByRole("tab", { name: "Dream" }).click();
    await page.waitForSelector("[role=listbox] canvas");
    await visit(page);
  });

const file = (name: string, bytes: Uint8Array) => ({
  name,
  mimeType: "application/octet-stream",
  buffer: Buffer.from(bytes),
});

describe.skipIf(!findChromium())("files and numbers in Chromium", () => {
  it("of several files one is opened, and the others are named", async () => {
    await dreaming(async (page) => {
      const network = {
        units: 9,
        couplings: new Float32Array(81),
        bias: new Float32Array(9),
      };
      await page
        .locator("header input[type=file]")
        .first()
        .setInputFiles([
          file("small.safetensors", encodeNetwork(network)),
          file("chains.npy", encodeNpy(new Float32Array(9), [1, 9])),
          file("notes.txt", Uint8Array.of(65)),
        ]);
      await page.getByText("left out: chains.npy, notes.txt").waitFor();
      await page.getByText("small.safetensors · 9 neurons").waitFor();
      // One axis is one state, and not many states of one unit.
      await page
        .locator("header input[type=file]")
        .first()
        .setInputFiles([file("state.npy", encodeNpy(new Float32Array(9).fill(1), [9]))]);
      await page.getByRole("img", { name: "Chain 1", exact: true }).waitFor();
      await page.getByRole("listbox", { name: /^1 chains/ }).waitFor();
    });
  });

  it("a target is seen while files are dragged over the page, and a number that does not fit is refused in words", async () => {
    await dreaming(async (page) => {
      const drag = (type: string) =>
        page.evaluate((type) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File(["x"], "x.npy"));
          document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true }));
        }, type);
      const target = page.getByText("Drop machines, runs or images to open them");
      await drag("dragover");
      await target.waitFor();
      await drag("dragleave");
      await target.waitFor({ state: "hidden" });

      const temperature = page.getByLabel("Temperature, exact");
      await temperature.fill("7");
      await temperature.press("Enter");
      await page.getByText("From 0 to 3; 1 stays.").waitFor();
      expect(await temperature.inputValue()).toBe("1");
      await temperature.fill("0.5");
      await temperature.press("Enter");
      await page.waitForURL(/temperature=0.5/);
      await page.getByText("From 0 to 3").waitFor({ state: "hidden" });
    });
  });

  it("a path among images that stands does not turn by itself", async () => {
    await withPage(siteFolder, { isolated: true }, async (page) => {
      await page.getByRole("tab", { name: "Explore" }).click();
      const space = page.getByRole("application", { name: /^Path in the first three/ });
      await page.getByText("Variance of real images along the axes").waitFor();
      const drawn = () =>
        space.evaluate(async (element) => {
          const context = element.querySelector("canvas")!.getContext("2d")!;
          let changes = 0;
          // Whoever draws clears the canvas first.
          context.reset = () => {
            changes += 1;
            CanvasRenderingContext2D.prototype.reset.call(context);
          };
          await new Promise((resolve) => setTimeout(resolve, 700));
          return changes;
        });
      await expect.poll(drawn).toBeGreaterThan(0);
      await page.getByRole("button", { name: "Pause" }).click();
      // The frame that was under way when Pause was pressed may still come.
      await expect.poll(drawn).toBe(0);
    });
  });
});
