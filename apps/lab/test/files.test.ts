// Files in the page: what is good is opened, what is bad gets a sentence, and the machine goes on dreaming.
import { readFileSync } from "node:fs";
import { encodeNpy, encodeNpz } from "@neural-langevin/datasets";
import { encodeNetwork } from "@neural-langevin/runs";
import { findChromium, withPage } from "@neural-langevin/tooling/chromium";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { siteFolder } from "../site.js";

const isolated = { isolated: true };

const file = (name: string, bytes: Uint8Array) => ({
  name,
  mimeType: "application/octet-stream",
  buffer: Buffer.from(bytes),
});

async function open(page: Page, ...files: ReturnType<typeof file>[]): Promise<void> {
  await page.getByRole("tab", { name: "Dream" }).click();
  await page.waitForSelector("[role=listbox] canvas");
  await page.locator("header input[type=file]").first().setInputFiles(files);
}

const step = (page: Page): Promise<number> =>
  page
    .getByText(/^step \d+$/)
    .textContent()
    .then((text) => Number((text ?? "").slice(5)));

const machine = () => ({
  units: 4,
  couplings: Float32Array.from({ length: 16 }, (_, at) => (at % 5 === 0 ? 0 : 0.1)),
  bias: new Float32Array(4),
});

/** An archive whose directory claims an array of 4 GiB. */
function boastful(): Uint8Array {
  const bytes = encodeNpz({ J: { shape: [9], values: new Float32Array(9) } }, { deflate: true });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const directory = view.getUint32(bytes.length - 22 + 16, true);
  view.setUint32(directory + 24, 0xffff_fff0, true);
  return bytes;
}

describe.skipIf(!findChromium())("files in Chromium", () => {
  it.each([
    ["notes.txt", Uint8Array.of(1, 2, 3), /The lab cannot open notes\.txt/],
    ["cut.safetensors", Uint8Array.of(255, 1, 0, 0, 0, 0, 0, 0, 123), /cut\.safetensors is not/],
    ["cut.npy", Uint8Array.of(1, 2, 3), /cut\.npy: is not an NPY file/],
    [
      "fake.png",
      new TextEncoder().encode("this is no picture at all, is it?"),
      /fake\.png: is not a PNG/,
    ],
    [
      "pointer.safetensors",
      new TextEncoder().encode("version https://git-lfs.github.com/spec/v1\n"),
      /pointer\.safetensors: is a Git LFS pointer/,
    ],
    ["fake.zip", Uint8Array.of(80, 75, 3, 4), /fake\.zip: is a damaged ZIP archive/],
    ["bomb.zip", boastful(), /J\.npy claims 4294967280 bytes, which its \d+ cannot hold/],
    [
      "nan.safetensors",
      encodeNetwork({ ...machine(), bias: new Float32Array(4).fill(Number.NaN) }),
      /"bias" is not finite/,
    ],
    [
      "rates.safetensors",
      encodeNetwork({
        ...machine(),
        encoding: { name: "identity", parameters: { range: [0, 9] } },
      }),
      /rates\.safetensors learned numbers by the encoding identity/,
    ],
    ["alien.npy", encodeNpy(new Float32Array(6), [2, 3]), /2 states of 3 units/],
  ])("%s gets a sentence", async (name, bytes, sentence) => {
    await withPage(siteFolder, isolated, async (page) => {
      await open(page, file(name, bytes));
      await page.getByRole("alert").getByText(sentence).waitFor();
      const before = await step(page);
      await expect.poll(() => step(page)).toBeGreaterThan(before);
      await page.getByText("Ten digits · 884 neurons").waitFor();
    });
  });

  it("a machine of another size takes the place of the first", async () => {
    await withPage(siteFolder, isolated, async (page) => {
      await open(page, file("four.safetensors", encodeNetwork(machine())));
      await page.getByText("four.safetensors · 4 neurons").waitFor();
      const before = await step(page);
      await expect.poll(() => step(page)).not.toBe(before);
    });
  });

  it("a machine that is served beside the page is seen at once", async () => {
    await withPage(siteFolder, isolated, async (page) => {
      const body = Buffer.from(encodeNetwork(machine()));
      await page.route("**/run/index.json", (route) =>
        route.fulfill({ json: ["served.safetensors"] }),
      );
      await page.route("**/run/served.safetensors", (route) => route.fulfill({ body }));
      await page.goto(`${new URL(page.url()).origin}/?run`);
      await page.getByText("served.safetensors · 4 neurons").waitFor();
      await expect.poll(() => step(page)).toBeGreaterThan(0);
    });
  });

  it("states of chains go on from where they are", async () => {
    await withPage(siteFolder, isolated, async (page) => {
      const states = new Float32Array(2 * 884).fill(1);
      await open(page, file("two.npy", encodeNpy(states, [2, 884])));
      await page.getByRole("listbox", { name: /^2 chains/ }).waitFor();
    });
  });

  it("a picture becomes what is learned", async () => {
    await withPage(siteFolder, isolated, async (page) => {
      const picture = readFileSync(new URL("../../../docs/pictures/demo.png", import.meta.url));
      await open(page, file("one.png", picture), file("two.png", picture));
      await page.getByText("Data: 2 images").waitFor();
      await page.getByText("2 images, 2000 updates").waitFor();
    });
  });
});
