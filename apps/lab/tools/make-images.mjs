// Packs real images of what the included machines learned that is no digit, which the lab shows beside their chains, into
// compressed IDX files: ten of every label, the labels in turn. None of them was learned.
//
//   node tools/make-images.mjs /usr/share/datasets/fashion-mnist letters-others.npz
//
// The second file is from bench/letters/make.py.
import { writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { encodeIdx } from "@neural-langevin/datasets";
import { readImages } from "@neural-langevin/runs/node";

const PER_LABEL = 10;
const [fashion, letters] = process.argv.slice(2);
if (!fashion || !letters)
  throw new Error("Name the folder of Fashion-MNIST and the file of letters.");

/**
 * @param {string} name
 * @param {string} source
 */
async function pack(name, source) {
  const { pixels, labels, width, height } = await readImages(source);
  const kinds = [...new Set(labels)].sort((a, b) => a - b);
  const chosen = kinds.map((kind) =>
    [...(labels ?? [])].flatMap((label, place) => (label === kind ? [place] : [])),
  );
  const size = width * height;
  const count = PER_LABEL * kinds.length;
  const values = new Uint8Array(size * count);
  const levels = pixels instanceof Uint8Array ? 1 : 255;
  for (let at = 0; at < count; at++) {
    const place = chosen[at % kinds.length]?.[Math.floor(at / kinds.length)] ?? 0;
    for (let pixel = 0; pixel < size; pixel++) {
      values[at * size + pixel] = Math.round(levels * (pixels[place * size + pixel] ?? 0));
    }
  }
  const file = new URL(`../src/files/images/${name}.bin`, import.meta.url);
  await writeFile(
    file,
    gzipSync(encodeIdx({ shape: [count, height, width], values }), { level: 9 }),
  );
}

await pack("fashion", `${fashion}/t10k-images-idx3-ubyte.gz`);
await pack("letters", letters);
