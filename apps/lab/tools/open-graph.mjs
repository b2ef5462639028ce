// Makes the picture that other sites show of a link to the lab: digits that its machine dreams, beside its equation.
import { fileURLToPath } from "node:url";

const file = fileURLToPath(new URL("../public/open-graph.png", import.meta.url));
/** The size that sites ask for. */
const size = { width: 1200, height: 630 };

/** @param {import("playwright-core").Page} page the lab */
export async function takeOpenGraph(page) {
  const { origin } = new URL(page.url());
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(`${origin}/?embed=1#dream?chains=40`);
  await page.waitForFunction(
    () =>
      [...document.querySelectorAll(".number")].some(
        ({ textContent }) => Number(textContent?.match(/^step (\d+)$/)?.[1]) >= 1200,
      ),
    undefined,
    { timeout: 300_000 },
  );
  const digits = await page
    .locator("[role=listbox] canvas")
    .first()
    .evaluate((canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL());
  await page.setViewportSize(size);
  await page.setContent(`<!doctype html><style>
    body { margin: 0; width: 1200px; height: 630px; display: grid; grid-template-rows: auto 1fr auto; gap: 26px;
      padding: 44px 56px; box-sizing: border-box; background: #0e1216; color: #e6ebf0; font: 27px system-ui, sans-serif; }
    h1 { margin: 0; font-size: 54px; font-weight: 650; letter-spacing: -0.01em; }
    img { width: 100%; height: 100%; object-fit: contain; object-position: left; image-rendering: auto; min-height: 0; }
    p { margin: 0; display: flex; justify-content: space-between; color: #98a4b1; }
    i { color: #6cb2f2; font-family: Georgia, serif; }
  </style><h1>Neural Langevin machine</h1><img src="${digits}">
  <p><span>digits that neurons dream, shaken by noise</span><i>ẋ = −∇E + √(2T) ξ</i></p>`);
  await page.waitForFunction(() => document.images[0]?.complete);
  await page.screenshot({ path: file });
  process.stdout.write(`${file}\n`);
}
