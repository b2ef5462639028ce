// Measures the built site in Chromium as a visitor has it, compressed and from this computer:
//
//   node apps/lab/tools/speed.mjs [SECONDS]     5 seconds for each view unless a number is given
//
// The compressed script of the first view, the time from the request to the first picture, and the frames per second while
// two neurons move, learn and their surface turns, and while ten digits dream, learn and wander. Needs a quiet machine.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { withPage } from "@neural-langevin/tooling/chromium";
import { serveLab } from "../server.js";
import { siteFolder } from "../site.js";

const seconds = Number(process.argv[2] ?? 5);
/** Milliseconds of a frame that is no longer one of 60 in a second. */
const LATE = 20;
const clouds = "1.4_1.7~1.7_1.3~1.9_1.8~-1.4_-1.7~-1.7_-1.3~-1.9_-1.8";
const learning = `two?J12=0&J21=0&temperature=0.3&learning=true&data=${clouds}`;

/** @type {readonly [what: string, hash: string, ready: string][]} */
const views = [
  ["two neurons move", "two", "#view canvas"],
  ["two neurons learn", learning, "#view canvas"],
  ["the surface turns", "two", "#view canvas"],
  ["50 chains dream", "dream", "[role=listbox] canvas"],
  ["a machine learns", "train", "text=Train from noise"],
  ["a path among digits", "explore", "[aria-label^='Path in']"],
];

/** Times of the frames of some seconds, in milliseconds; the surface turns meanwhile where that is wanted. */
const framesOf = (/** @type {{ length: number; turns: boolean }} */ { length, turns }) =>
  new Promise((resolve) => {
    const surface = document.querySelector("[aria-label^='The same energy as a surface']");
    /** @type {number[]} */
    const times = [];
    const look = (/** @type {number} */ now) => {
      times.push(now);
      if (turns) surface?.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
      if (now - (times[0] ?? now) < length) requestAnimationFrame(look);
      else resolve(times);
    };
    requestAnimationFrame(look);
  });

/** Tells when a drawing is first seen, in milliseconds since the page was asked for. */
const tellFirst = () => {
  const look = () => {
    const canvas = document.querySelector("#view canvas");
    // Whoever draws gives the canvas another size than the one with which it begins.
    if (canvas instanceof HTMLCanvasElement && canvas.width !== 300) {
      requestAnimationFrame((now) => /** @type {any} */ (globalThis).firstPicture(now));
    } else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
};

const print = (/** @type {string} */ line) => process.stdout.write(`${line}\n`);
const server = await serveLab(new Map(), 0);
try {
  await withPage(`http://localhost:${server.port}/`, { isolated: true }, async (page) => {
    const { origin } = new URL(page.url());
    const first = async (/** @type {string} */ hash) => {
      const context = await page.context().browser()?.newContext();
      const fresh = await context?.newPage();
      if (!fresh) throw new Error("Chromium gave no page.");
      // A visitor's browser is open: what its new window loads for itself is no part of the page's time.
      await fresh.waitForTimeout(2000);
      /** @type {string[]} */
      const scripts = [];
      fresh.on("request", (request) => scripts.push(new URL(request.url()).pathname));
      const told = new Promise((resolve) => fresh.exposeFunction("firstPicture", resolve));
      await fresh.addInitScript(tellFirst);
      await fresh.goto(`${origin}/#${hash}`);
      const time = /** @type {number} */ (await told);
      await context?.close();
      return { time, scripts: [...new Set(scripts)].filter((path) => path.endsWith(".js")) };
    };
    await page.goto("about:blank");
    for (const view of ["two", "dream"]) {
      const tries = [await first(view), await first(view), await first(view)];
      const times = tries.map(({ time }) => time).sort((a, b) => a - b);
      const sizes = (tries[0]?.scripts ?? []).map(
        (path) => gzipSync(readFileSync(join(siteFolder, path))).length,
      );
      const script = sizes.reduce((sum, size) => sum + size, 0);
      const [least = 0, middle = 0, most = 0] = times.map(Math.round);
      print(
        `${view}: first picture after ${middle} ms (${least} to ${most}), ${Math.round(script / 1000)} kB of script`,
      );
    }
    for (const [what, hash, ready] of views) {
      await page.goto(`${origin}/?${encodeURIComponent(what)}#${hash}`);
      await page.waitForSelector(ready);
      if (hash === "train") await page.getByText("Train from noise").first().click();
      await page.waitForTimeout(3000);
      const wanted = { length: 1000 * seconds, turns: what === "the surface turns" };
      const times = /** @type {number[]} */ (await page.evaluate(framesOf, wanted));
      const lasts = times.slice(1).map((time, at) => time - (times[at] ?? 0));
      const rate = (1000 * lasts.length) / ((times.at(-1) ?? 0) - (times[0] ?? 0));
      const late = lasts.filter((last) => last > LATE).length / lasts.length;
      const speed = await page
        .locator("summary .number")
        .last()
        .textContent({ timeout: 100 })
        .catch(() => "");
      print(
        `${what}: ${rate.toFixed(1)} frames/s, ${(100 * late).toFixed(1)} % longer than ${LATE} ms ${speed ?? ""}`.trim(),
      );
    }
  });
} finally {
  await server.close();
}
