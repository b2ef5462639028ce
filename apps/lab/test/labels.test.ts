// A machine with label neurons, on the built site in Chromium: it draws the digit that it is asked for, and says which one
// it sees; and the file of the machine that comes along.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { legibility, points } from "@neural-langevin/analysis";
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { langevin, streams, writeNetwork } from "@neural-langevin/core";
import { labelMask, pixelStates, setLabel } from "@neural-langevin/datasets";
import { encodeNetwork } from "@neural-langevin/runs";
import { findChromium, withPage } from "@neural-langevin/tooling/chromium";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { siteFolder } from "../site.js";
import { unpackMachine } from "../tools/packed-machine.mjs";

const packed = readFileSync(new URL("../machines/ten-digits.bin", import.meta.url));
const demo = () => unpackMachine(gunzipSync(packed), "ten-digits.bin").machine;

describe("the machine that comes along", () => {
  it("is the one that `nlm demo` makes, in few bytes", () => {
    // Of the file that `node tools/pack-machine.mjs` makes of `nlm demo --seed 1`, before it is compressed.
    const hash = createHash("sha256").update(gunzipSync(packed)).digest("hex");
    expect(hash).toBe("ba9baeee9584bd84365ab982c9c9c3d353c1bda36ec72b20da181667cc780ac0");
    expect(packed.length).toBeLessThan(700_000);
    const { units, labelUnits, sampling } = demo();
    expect(units).toBe(884);
    expect(labelUnits?.labels).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(sampling?.dt).toBe(0.04);
    expect(sampling?.chainStart?.mean).toHaveLength(884);
  });

  it("draws digits that anyone reads, the ones that it is asked for", async () => {
    const machine = demo();
    const { units, labelUnits, sampling } = machine;
    const chains = 50;
    await using backend = await createCpuBackend();
    const session = await backend.open({ units, chains, seed: 1 });
    writeNetwork(session, machine);
    session.drawChains({ ...sampling?.chainStart, stream: streams.initialState, step: 0 });
    const states = await session.read("chains");
    for (let chain = 0; chain < chains; chain++) {
      setLabel(states.subarray(chain * units, (chain + 1) * units), chain % 10, labelUnits!);
    }
    const sums = new Float32Array(chains * 784);
    const stages = [{ steps: 2000, temperature: 1 }];
    const plan = { stages, dt: sampling!.dt!, start: states, pinned: labelMask(labelUnits!) };
    const late = Array.from({ length: 10 }, (_, frame) => 1964 + 4 * frame);
    for await (const frame of langevin(session, { ...plan, at: late })) {
      pixelStates(frame.states, labelUnits).forEach((x, at) => {
        sums[at]! += Math.tanh(x) / late.length;
      });
    }
    const { digits } = legibility(points(sums, 784));
    const asked = [...digits].filter((digit, chain) => digit === chain % 10).length;
    expect(asked / chains).toBeGreaterThanOrEqual(0.7);
  }, 240_000);
});

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

  it("say which digit is pinned, of digits that the machine never saw", async () => {
    await open("restore?task=name", async (page) => {
      const said = page.locator(".said");
      let right = 0;
      for (const digit of [0, 1, 3, 6, 7]) {
        await expect.poll(() => step(page)).toBeGreaterThan(150);
        const before = await step(page);
        await page.getByRole("button", { name: `Another ${digit}` }).click();
        await expect.poll(() => step(page)).toBeLessThan(before);
        await expect.poll(() => step(page)).toBeGreaterThan(60);
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
    });
  });

  it("come with a machine's file, which the lab saves and opens again", async () => {
    await open("dream?chains=10&ask=6", async (page) => {
      await page.getByRole("img", { name: "Label neurons: 6 is held" }).waitFor();
      const input = page.locator("header input[type=file]").first();
      const machine = demo();
      const bytes = Buffer.from(encodeNetwork(machine));
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
