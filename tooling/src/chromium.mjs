// A page in the system's Chromium, served from a built folder, for tests that need a real browser.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, extname, join, normalize } from "node:path";
import { chromium } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/** Milliseconds that a page may take for what a test waits for: on a machine that does much else it is slow, not wrong. */
const PATIENCE = 240_000;

/** The path of Chromium on this machine, or undefined. */
export function findChromium() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
}

/** Chromium's Vulkan driver in software, for machines on which the variable names none and no other is installed. */
export function nameSoftwareVulkan(environment) {
  const driver = "/usr/lib/chromium/vk_swiftshader_icd.json";
  if (!environment.VK_ICD_FILENAMES && existsSync(driver)) environment.VK_ICD_FILENAMES = driver;
}

/** Arguments that give Chromium a WebGPU device in software. */
export const softwareWebGpu = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
];

const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/**
 * Builds a page with Vite for production and opens it; resolves to what its script leaves in
 * `globalThis.outcome`, a promise.
 *
 * @param source folder of the page's index.html
 */
export async function outcomeOfPage(source, options) {
  const { build } = await import("vite");
  const folder = mkdtempSync(join(tmpdir(), "nlm-page-"));
  try {
    await build({
      root: source,
      logLevel: "error",
      build: { outDir: folder, emptyOutDir: true, target: "es2022" },
      worker: { format: "es" },
    });
    return await withPage(folder, options, (page) => page.evaluate(() => globalThis.outcome));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Serves a folder on a free port; `isolated` lets its pages share memory between workers. */
async function serve(folder, isolated) {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, "http://localhost").pathname);
    try {
      const body = await readFile(join(folder, path.endsWith("/") ? `${path}index.html` : path));
      response.setHeader("Content-Type", types[extname(path) || ".html"] ?? "text/plain");
      if (isolated) {
        response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
        response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
      }
      response.end(body);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  return { server, address: `http://localhost:${server.address().port}/` };
}

/**
 * Opens the index page of a built folder and hands it to `visit`.
 *
 * @param folder what a bundler wrote, or the address of a page that is served already
 * @param options.isolated whether the page is cross-origin isolated
 * @param options.args further flags of Chromium; without them there is no GPU, not even one in software
 */
export async function withPage(folder, { isolated, args = ["--disable-gpu"] }, visit) {
  const served = /^https?:/.test(folder) ? { address: folder } : await serve(folder, isolated);
  const { server, address } = served;
  let browser;
  try {
    browser = await chromium.launch({
      executablePath: findChromium(),
      args: ["--no-sandbox", ...args],
    });
    const context = await browser.newContext();
    context.setDefaultTimeout(PATIENCE);
    const errors = [];
    context.on("weberror", (error) => errors.push(error.error().message));
    const page = await context.newPage();
    await page.goto(address);
    const result = await visit(page);
    if (errors.length > 0) throw new Error(`The page failed: ${errors.join("; ")}`);
    return result;
  } finally {
    // A browser that did not start leaves the server, which would hold the process.
    await browser?.close();
    server?.close();
  }
}
