// Takes the README's pictures of the lab from the built site in Chromium:
//
//   npm run lab:pictures -- [FOLDER]     docs/pictures unless a folder is named
//
// One of every view, light and dark in turn; and, with a folder, also of a small screen.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withPage } from "@neural-langevin/tooling/chromium";
import { siteFolder } from "../site.js";

const [named] = process.argv.slice(2);
const folder = named ?? fileURLToPath(new URL("../../../docs/pictures", import.meta.url));
const wide = { width: 1280, height: 800 };
const small = { width: 360, height: 740 };
/** Seconds that a view runs before its picture is taken; a training takes longer to show something. */
const secondsOf = (/** @type {string} */ view) => (view === "train" ? 50 : 12);

await mkdir(folder, { recursive: true });
await withPage(siteFolder, { isolated: true }, async (page) => {
  const take = async (/** @type {string} */ name) => {
    await page.waitForTimeout(1000 * secondsOf(name));
    await page.screenshot({ path: join(folder, `lab-${name}.png`) });
    process.stdout.write(`${join(folder, `lab-${name}.png`)}\n`);
  };
  await page.waitForSelector("[role=listbox] canvas");
  for (const [at, tab] of (await page.getByRole("tab").allInnerTexts()).entries()) {
    const view = tab.toLowerCase();
    await page.setViewportSize(wide);
    await page.emulateMedia({ colorScheme: at % 2 === 0 ? "light" : "dark" });
    await page.getByRole("tab", { name: tab }).click();
    if (view === "train") await page.getByText("Train from noise").click();
    await take(view);
    if (named === undefined) continue;
    await page.emulateMedia({ colorScheme: at % 2 === 0 ? "dark" : "light" });
    await page.screenshot({ path: join(folder, `lab-${view}-other.png`) });
    await page.setViewportSize(small);
    await page.waitForTimeout(1000);
    await page.screenshot({ path: join(folder, `lab-${view}-small.png`), fullPage: true });
  }
  if (named === undefined) return;
  await page.setViewportSize(wide);
  for (const [at, menu] of (await page.locator("summary").all()).entries()) {
    await menu.click();
    await page.waitForTimeout(10_000);
    await page.screenshot({ path: join(folder, `lab-menu-${at}.png`) });
  }
});
