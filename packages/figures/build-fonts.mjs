// Puts the two fonts that figures use, of the 22 that their package has, into fonts/, with their licence.
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const manifest = createRequire(import.meta.url).resolve("dejavu-fonts-ttf/package.json");
const target = fileURLToPath(new URL("fonts", import.meta.url));
rmSync(target, { recursive: true, force: true });
mkdirSync(target);
for (const file of ["ttf/DejaVuSans.ttf", "ttf/DejaVuSans-Bold.ttf", "LICENSE"]) {
  copyFileSync(join(dirname(manifest), file), join(target, basename(file)));
}
