// A device that is lost under the page: the lab says so, and goes on with the processor from where it was.
import { findChromium, softwareWebGpu, withPage } from "@neural-langevin/tooling/chromium";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { siteFolder } from "../site.js";

type Scope = typeof globalThis & { losses: (() => void)[] };

/** Does something in the workers that the page itself started, one of which is the engine. */
const inWorkers = async (page: Page, work: () => void): Promise<void> => {
  const own = page.workers().filter((worker) => /\/worker-.{8}\.js$/.test(worker.url()));
  expect(own.length).toBe(2);
  await Promise.all(own.map((worker) => worker.evaluate(work)));
};

/** Lets the engine keep what it computes with from now on, so that it can be lost. */
const keepDevices = (page: Page): Promise<void> =>
  inWorkers(page, () => {
    const scope = globalThis as Scope;
    scope.losses = [];
    const Plain = Worker;
    scope.Worker = class extends Plain {
      constructor(...given: ConstructorParameters<typeof Worker>) {
        super(...given);
        const error = new ErrorEvent("error", { message: "it ended" });
        scope.losses.push(() => this.dispatchEvent(error));
      }
    };
    if (!("GPUAdapter" in scope)) return;
    const adapter = GPUAdapter.prototype;
    const request = adapter.requestDevice;
    adapter.requestDevice = async function (descriptor) {
      const device = await request.call(this, descriptor);
      scope.losses.push(() => device.destroy());
      return device;
    };
  });

const loseDevices = (page: Page): Promise<void> =>
  inWorkers(page, () => {
    for (const lose of (globalThis as Scope).losses) lose();
  });

async function choose(page: Page, backend: string): Promise<void> {
  await page.locator("summary", { hasText: "WebAssembly, all threads" }).click();
  await page.getByRole("button", { name: backend, exact: true }).click();
  await page.locator("summary", { hasText: backend }).waitFor();
}

/** The number in a text of the page. */
const numberAt = async (page: Page, text: RegExp): Promise<number> =>
  Number((await page.getByText(text).textContent())?.match(/\d+/)?.[0]);

describe.skipIf(!findChromium())("a lost device in Chromium", () => {
  it("leaves chains that go on dreaming", async () => {
    await withPage(siteFolder, { isolated: true, args: softwareWebGpu }, async (page) => {
      await page.goto(`${new URL(page.url()).origin}/#dream?chains=4`);
      await page.getByRole("listbox", { name: /^4 chains/ }).waitFor();
      await keepDevices(page);
      await choose(page, "WebGPU");
      const step = () => numberAt(page, /^step \d+$/);
      const first = await step();
      await expect.poll(step).toBeGreaterThan(first);
      await loseDevices(page);
      const said = page.getByText(/^WebGPU stopped, and the processor goes on from step/);
      await said.waitFor();
      const from = Number((await said.textContent())?.match(/step (\d+)/)?.[1]);
      expect(from).toBeGreaterThanOrEqual(first);
      await page.locator("summary", { hasText: "WebAssembly, all threads" }).waitFor();
      await expect.poll(step).toBeGreaterThan(from);
    });
  });

  it("leaves a training that goes on learning", async () => {
    await withPage(siteFolder, { isolated: true }, async (page) => {
      await page.goto(`${new URL(page.url()).origin}/#train?k=1`);
      await page.getByText("Train from noise").waitFor();
      await keepDevices(page);
      await choose(page, "WebAssembly, one thread");
      await page.getByText("Train from noise").click();
      const update = () => numberAt(page, /^\d+ \/ 2000$/);
      await expect.poll(update).toBeGreaterThan(9);
      await loseDevices(page);
      const said = page.getByText(/^WebAssembly, one thread stopped, and the processor goes on/);
      await said.waitFor();
      const from = Number((await said.textContent())?.match(/update (\d+)/)?.[1]);
      expect(from).toBeGreaterThan(9);
      await expect.poll(update).toBeGreaterThan(from);
      // It is the same training: what it was before the loss can still be gone back to.
      await page.getByRole("button", { name: "10", exact: true }).click();
      await page.getByRole("button", { name: "Rewind to update 10" }).click();
      await expect.poll(update).toBe(10);
    });
  });
});
