// Puts what figures use of the two fonts that they use, of the 22 that their package has, into fonts/, with their licence.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import subsetFont from "subset-font";

/** Blocks of Unicode from their first to their last character: letters of Latin, Greek and Cyrillic, and what mathematics writes. */
const BLOCKS = [
  [0x0020, 0x007e],
  [0x00a0, 0x024f],
  [0x02b0, 0x052f],
  [0x1d00, 0x1dbf],
  [0x1e00, 0x23ff],
  [0x2460, 0x2bff],
];

const manifest = createRequire(import.meta.url).resolve("dejavu-fonts-ttf/package.json");
const whole = dirname(manifest);
const target = fileURLToPath(new URL("fonts", import.meta.url));
rmSync(target, { recursive: true, force: true });
mkdirSync(target);
copyFileSync(join(whole, "LICENSE"), join(target, "LICENSE"));
const characters = BLOCKS.flatMap(([first, last]) =>
  Array.from({ length: last - first + 1 }, (_, at) => String.fromCodePoint(first + at)),
).join("");
for (const file of ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"]) {
  const font = readFileSync(join(whole, "ttf", file));
  writeFileSync(
    join(target, file),
    await subsetFont(font, characters, { targetFormat: "truetype" }),
  );
}
