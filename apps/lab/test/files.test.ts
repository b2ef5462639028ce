// Files in the page: what is good is opened, what is bad gets a sentence, and the machine goes on dreaming.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeNpy, encodeNpz } from "@neural-langevin/datasets";
import { encodeNetwork } from "@neural-langevin/runs";
import { findChromium, withPage } from "@neural-langevin/tooling/chromium";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { serveLab } from "../server.js";
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
    ["cut.npy", Uint8Array.of(1, 2, 3), /cut\.npy is not an NPY file/],
    [
      "fake.png",
      new TextEncoder().encode("this is no picture at all, is it?"),
      /fake\.png is not a PNG/,
    ],
    [
      "pointer.safetensors",
      new TextEncoder().encode("version https://git-lfs.github.com/spec/v1\n"),
      /pointer\.safetensors is a Git LFS pointer/,
    ],
    ["fake.zip", Uint8Array.of(80, 75, 3, 4), /fake\.zip is a damaged ZIP archive/],
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
      /rates\.safetensors learned numbers with the encoding identity/,
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

  it("a machine that is served beside the page is seen at once, and stays", async () => {
    const folder = mkdtempSync(join(tmpdir(), "nlm-lab-served-"));
    const path = join(folder, "served.safetensors");
    writeFileSync(path, encodeNetwork(machine()));
    const server = await serveLab(new Map([["served.safetensors", path]]), 0);
    try {
      await withPage(`http://localhost:${server.port}/?run`, isolated, async (page) => {
        await page.getByText("served.safetensors · 4 neurons").waitFor();
        await expect.poll(() => step(page)).toBeGreaterThan(0);
        await page.waitForURL(/#dream\?machine=own/);
        // The machine that is there without a run does not come after it.
        await page.waitForTimeout(1500);
        expect(await page.getByText("served.safetensors · 4 neurons").count()).toBe(1);
      });
    } finally {
      await server.close();
      rmSync(folder, { recursive: true });
    }
  });

  it("what is served and cannot be opened gets a sentence beside the machine that is there", async () => {
    const server = await serveLab(new Map([["notes.txt", fileURLToPath(import.meta.url)]]), 0);
    try {
      await withPage(`http://localhost:${server.port}/?run`, isolated, async (page) => {
        await page
          .getByRole("alert")
          .getByText(/The lab cannot open notes\.txt/)
          .waitFor();
        await page.getByText("Ten digits · 884 neurons").waitFor();
      });
    } finally {
      await server.close();
    }
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

/** A picture of the browser's own making: the left half bright, the right half dark. */
const pictureOf = (page: Page, type: string): Promise<number[]> =>
  page.evaluate(async (wanted) => {
    const canvas = new OffscreenCanvas(60, 30);
    const context = canvas.getContext("2d")!;
    context.fillStyle = "white";
    context.fillRect(0, 0, 30, 30);
    context.fillStyle = "black";
    context.fillRect(30, 0, 30, 30);
    const blob = await canvas.convertToBlob({ type: wanted });
    if (blob.type !== wanted) throw new Error(`${wanted} is not made here`);
    return [...new Uint8Array(await blob.arrayBuffer())];
  }, type);

/** A GIF of one dark pixel beside a bright one. */
const gif = Uint8Array.from(
  Buffer.from("R0lGODlhAgABAIAAAAAAAP///ywAAAAAAgABAAACAkQKADs=", "base64"),
);

describe.skipIf(!findChromium())("pictures of one's own in Chromium", () => {
  it.each(["image/jpeg", "image/webp"])(
    "are read by the browser's decoder, whole or their middle, inverted or not: %s",
    async (type) => {
      await withPage(siteFolder, isolated, async (page) => {
        const bytes = Uint8Array.from(await pictureOf(page, type));
        await open(page, file(`half.${type.slice(6)}`, bytes));
        const images = page.getByRole("img", { name: /^1 of the 1 images that are learned/ });
        await images.waitFor();
        /** The grey level of places of the image, of 28 × 28 pixels, as the theme draws them: 1 is bright. */
        const levels = (places: readonly (readonly [number, number])[]) =>
          images.locator("canvas").evaluate((canvas, wanted) => {
            const { width, height } = canvas as HTMLCanvasElement;
            const context = (canvas as HTMLCanvasElement).getContext("2d")!;
            if (height !== 28) throw new Error(`${width} × ${height}`);
            const style = getComputedStyle(document.documentElement);
            const red = (name: string) =>
              Number(/\d+/.exec(style.getPropertyValue(name))?.[0] ?? Number.NaN);
            const [low, high] = [red("--image-low"), red("--image-high")];
            return wanted.map(([x, y]) => {
              const level = context.getImageData(x, y, 1, 1).data[0]!;
              return Math.abs(Math.round((level - low) / (high - low)));
            });
          }, places);
        const corners = [
          [4, 14],
          [23, 14],
        ] as const;
        expect(await levels(corners)).toEqual([1, 0]);
        await page.getByRole("radio", { name: "inverted" }).check({ force: true });
        await expect.poll(() => levels(corners)).toEqual([0, 1]);
        // All of the picture leaves borders above and below, of one level; its middle fills the square.
        const top = [
          [12, 1],
          [16, 1],
        ] as const;
        expect(new Set(await levels(top)).size).toBe(1);
        await page.getByRole("radio", { name: "their middle" }).check({ force: true });
        await expect.poll(() => levels(top)).toEqual([0, 1]);
      });
    },
  );

  it("have borders like most of their edge, whatever reaches one of them", async () => {
    await withPage(siteFolder, isolated, async (page) => {
      const bytes = await page.evaluate(async () => {
        const canvas = new OffscreenCanvas(60, 30);
        const context = canvas.getContext("2d")!;
        context.fillRect(0, 0, 60, 30);
        context.fillStyle = "white";
        context.fillRect(20, 0, 20, 15);
        return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
      });
      await open(page, file("reaches.png", Uint8Array.from(bytes)));
      const images = page.getByRole("img", { name: /^1 of the 1 images that are learned/ });
      await images.waitFor();
      const levels = await images.locator("canvas").evaluate((canvas) => {
        const context = (canvas as HTMLCanvasElement).getContext("2d")!;
        // The border above, and a dark corner of the picture, which begins at row 7.
        return [3, 9].map((row) => [...context.getImageData(1, row, 1, 1).data]);
      });
      expect(levels[0]).toEqual(levels[1]);
    });
  });

  it("may be GIF, and a name that lies gets a sentence", async () => {
    await withPage(siteFolder, isolated, async (page) => {
      await open(page, file("pixels.gif", gif));
      await page.getByRole("img", { name: "1 of the 1 images that are learned" }).waitFor();
      await page.getByText("Data: pixels.gif").waitFor();
      await open(page, file("fake.jpg", Uint8Array.of(1, 2, 3)));
      await page.getByText(/fake\.jpg: the browser cannot read this picture/).waitFor();
    });
  });
});
