// `nlm lab` as a process: what it serves and what it refuses.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runFormat } from "@neural-langevin/runs";
import { findChromium, withPage } from "@neural-langevin/tooling/chromium";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nlm, start } from "./command.js";

const folder = mkdtempSync(join(tmpdir(), "nlm-lab-"));
beforeAll(() => {
  mkdirSync(join(folder, "run", "checkpoints"), { recursive: true });
  for (const name of ["config.yaml", "manifest.json", "metrics.jsonl", "secret.txt"]) {
    writeFileSync(join(folder, "run", name), name);
  }
  writeFileSync(join(folder, "run", "manifest.json"), JSON.stringify({ format: runFormat }));
  writeFileSync(join(folder, "run", "checkpoints", "000000005.safetensors"), "machine");
  writeFileSync(join(folder, "run", "checkpoints", "best.safetensors"), "mine");
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("nlm lab", () => {
  it("serves the site isolated, the run's own files, and nothing else, until it is interrupted", async () => {
    const { child, ended } = start(["lab", "run", "--port", "0", "--json"], folder);
    const line = await new Promise<string>((resolve) => {
      child.stdout!.once("data", (text) => resolve(String(text)));
    });
    const { address } = JSON.parse(line) as { address: string };
    const ask = (path: string) => fetch(new URL(path, address));

    const page = await ask("/");
    expect(page.headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(page.headers.get("cross-origin-embedder-policy")).toBe("require-corp");
    const html = await page.text();
    const script = /src="\.\/(assets\/[^"]+\.js)"/.exec(html)?.[1];
    expect((await ask(`/${script}`)).headers.get("content-type")).toBe("text/javascript");

    expect(await (await ask("/run/index.json")).json()).toEqual([
      "run/config.yaml",
      "run/manifest.json",
      "run/metrics.jsonl",
      "run/checkpoints/000000005.safetensors",
    ]);
    const checkpoint = await ask("/run/run/checkpoints/000000005.safetensors");
    expect(await checkpoint.text()).toBe("machine");
    const answered = checkpoint.headers;
    expect(answered.get("x-content-type-options")).toBe("nosniff");
    expect(answered.get("cross-origin-resource-policy")).toBe("same-origin");
    expect(answered.get("content-security-policy")).toMatch(/default-src 'none'.*frame-ancestors/);
    expect((await ask("/run/run/checkpoints/best.safetensors")).status).toBe(404);
    expect((await fetch(address, { method: "POST", body: "x" })).status).toBe(405);
    const head = await fetch(address, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    for (const path of [
      "/run/run/secret.txt",
      "/..%2fpackage.json",
      "/run/..%2f..%2fx",
      "/none",
      "/%",
      "/%00",
      "/assets",
    ]) {
      expect((await ask(path)).status, path).toBe(404);
    }
    child.kill("SIGINT");
    expect((await ended).status).toBe(0);
  });

  it("answers this host by its own names only", async () => {
    const { child, ended } = start(["lab", "run", "--port", "0", "--json"], folder);
    const line = await new Promise<string>((resolve) => {
      child.stdout!.once("data", (text) => resolve(String(text)));
    });
    const { hostname, port } = new URL((JSON.parse(line) as { address: string }).address);
    const statusFor = (host: string) =>
      new Promise<number>((resolve, reject) => {
        const path = "/run/run/manifest.json";
        get({ hostname, port, path, headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode!);
        }).on("error", reject);
      });
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`]) {
      expect(await statusFor(host), host).toBe(200);
    }
    for (const host of [`evil.example:${port}`, "localhost", `localhost.evil.example:${port}`]) {
      expect(await statusFor(host), host).toBe(421);
    }
    child.kill("SIGINT");
    expect((await ended).status).toBe(0);
  });

  it.skipIf(!findChromium())("serves a page that dreams under its policy", async () => {
    const { child, ended } = start(["lab", "--port", "0", "--json"], folder);
    const line = await new Promise<string>((resolve) => {
      child.stdout!.once("data", (text) => resolve(String(text)));
    });
    const { address } = JSON.parse(line) as { address: string };
    await withPage(address, { isolated: true }, async (page) => {
      const refused: string[] = [];
      page.on("console", (message) => {
        if (/Content Security Policy/.test(message.text())) refused.push(message.text());
      });
      await page.reload();
      await page.getByRole("tab", { name: "Dream" }).click();
      const steps = page.getByText(/^step \d+$/);
      const first = await steps.textContent();
      await expect.poll(() => steps.textContent()).not.toBe(first);
      expect(await page.evaluate("crossOriginIsolated")).toBe(true);
      // What keeps the lab for the time without a network is under the policy, too.
      await page.evaluate("navigator.serviceWorker.ready.then(() => undefined)");
      expect(refused).toEqual([]);
    });
    child.kill("SIGINT");
    expect((await ended).status).toBe(0);
  });

  it("refuses what is no run, and a port that is taken", async () => {
    const missing = await nlm(["lab", "nowhere"], folder);
    expect(missing.status).toBe(2);
    expect(missing.stderr).toMatch(/There is no run or file nowhere\./);
    const { child, ended } = start(["lab", "--port", "0", "--json"], folder);
    const line = await new Promise<string>((resolve) => {
      child.stdout!.once("data", (text) => resolve(String(text)));
    });
    const { port } = new URL((JSON.parse(line) as { address: string }).address);
    const second = await nlm(["lab", "--port", port], folder);
    expect(second.status).toBe(2);
    expect(second.stderr).toMatch(/is in use/);
    child.kill("SIGINT");
    await ended;
  });
});
