// The server of the lab: what it serves and what it refuses.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get, type IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { findChromium, withPage } from "@neural-langevin/tooling/chromium";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LabServer, serveLab } from "../server.js";
import { siteFolder } from "../site.js";

const folder = mkdtempSync(join(tmpdir(), "nlm-lab-server-"));
const machine = join(folder, "000000005.safetensors");
let server: LabServer;
let address: string;
beforeAll(async () => {
  writeFileSync(machine, "machine");
  writeFileSync(join(folder, "secret.txt"), "secret");
  server = await serveLab(new Map([["run/checkpoints/5.safetensors", machine]]), 0);
  address = `http://localhost:${server.port}/`;
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});
const ask = (path: string) => fetch(new URL(path, address));

describe("the server of the lab", () => {
  it("serves the site isolated, the files that it is given, and nothing else", async () => {
    const page = await ask("/");
    expect(page.headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(page.headers.get("cross-origin-embedder-policy")).toBe("require-corp");
    const html = await page.text();
    const script = /src="\.\/(assets\/[^"]+\.js)"/.exec(html)?.[1];
    expect((await ask(`/${script}`)).headers.get("content-type")).toBe("text/javascript");
    expect((await ask("/THIRD-PARTY-NOTICES.txt")).headers.get("content-type")).toBe(
      "text/plain; charset=utf-8",
    );

    expect(await (await ask("/run/index.json")).json()).toEqual(["run/checkpoints/5.safetensors"]);
    const checkpoint = await ask("/run/run/checkpoints/5.safetensors");
    expect(await checkpoint.text()).toBe("machine");
    const answered = checkpoint.headers;
    expect(answered.get("x-content-type-options")).toBe("nosniff");
    expect(answered.get("cross-origin-resource-policy")).toBe("same-origin");
    expect(answered.get("content-security-policy")).toMatch(/default-src 'none'.*frame-ancestors/);
    expect((await fetch(address, { method: "POST", body: "x" })).status).toBe(405);
    const head = await fetch(address, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    for (const path of [
      "/run/secret.txt",
      "/run/run/checkpoints/secret.txt",
      "/..%2fpackage.json",
      "/run/..%2f..%2fx",
      "/none",
      "/%",
      "/%00",
      "/assets",
    ]) {
      expect((await ask(path)).status, path).toBe(404);
    }
  });

  it("compresses what becomes smaller, and lets browsers keep what never changes", async () => {
    const html = await (await ask("/")).text();
    const script = /src="\.\/(assets\/[^"]+\.js)"/.exec(html)?.[1] ?? "";
    const file = readFileSync(join(siteFolder, script));
    const raw = (encoding: string) =>
      new Promise<{ headers: IncomingHttpHeaders; bytes: Buffer }>((resolve, reject) => {
        const options = { headers: { "Accept-Encoding": encoding } };
        get(new URL(script, address), options, async (response) => {
          const parts: Buffer[] = [];
          for await (const part of response) parts.push(part as Buffer);
          resolve({ headers: response.headers, bytes: Buffer.concat(parts) });
        }).on("error", reject);
      });
    for (const [encoding, expand] of [
      ["br", brotliDecompressSync],
      ["gzip", gunzipSync],
    ] as const) {
      const { headers, bytes } = await raw(`deflate, ${encoding}`);
      expect(headers["content-encoding"]).toBe(encoding);
      expect(headers["cache-control"]).toMatch(/immutable/);
      expect(headers.vary).toBe("Accept-Encoding");
      expect(bytes.length).toBeLessThan(0.5 * file.length);
      expect(expand(bytes).equals(file)).toBe(true);
    }
    const { headers, bytes } = await raw("identity");
    expect(headers["content-encoding"]).toBeUndefined();
    expect(bytes.equals(file)).toBe(true);
    // The page itself, and a run that may change, are asked for anew.
    for (const path of ["/", "/run/run/checkpoints/5.safetensors"]) {
      expect((await ask(path)).headers.get("cache-control")).toBe("no-cache");
    }
  });

  it("answers this host by its own names only", async () => {
    const { hostname, port } = new URL(address);
    const statusFor = (host: string) =>
      new Promise<number>((resolve, reject) => {
        const path = "/run/run/checkpoints/5.safetensors";
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
  });

  it("refuses a port that is taken, and gives it back when it is closed", async () => {
    const other = await serveLab(new Map(), 0);
    await expect(serveLab(new Map(), other.port)).rejects.toMatchObject({
      code: "unavailable",
      message: `The port ${other.port} is in use.`,
    });
    await other.close();
    await (await serveLab(new Map(), other.port)).close();
  });

  it.skipIf(!findChromium())("serves a page that dreams under its policy", async () => {
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
  });
});
