// The figures of machines on codes.
import { greyLevels, type ImageSet } from "@neural-langevin/datasets";
import { curves, filmStrip, type Series } from "@neural-langevin/figures";
import type { Autoencoder } from "./autoencoder.js";
import type { LatentResult } from "./latent.js";
import type { CodeQuality } from "./latent-codes.js";
import type { Workbench } from "./workbench.js";

/** Images in a row, and rows of generated ones. */
const SHOWN = 16;
const ROWS = 4;

/** Draws images that were kept back, what the autoencoder makes of them, and decoded codes of a machine. */
export async function drawDecoded(
  bench: Workbench,
  drawing: {
    readonly name: string;
    readonly stem: string;
    readonly autoencoder: Autoencoder;
    readonly code: number;
    /** Images that were kept back, and their codes. */
    readonly images: ImageSet;
    readonly kept: Float32Array;
    /** Codes of the machine, shape [chains][d]. */
    readonly generated: Float32Array;
  },
): Promise<void> {
  const { name, stem, autoencoder, code, images, kept, generated } = drawing;
  const { width, height } = images;
  const columns = Math.min(SHOWN, images.count, generated.length / code);
  const rows = Math.min(ROWS, Math.floor(generated.length / code / columns));
  const pixels = (codes: ArrayLike<number>) =>
    Uint8Array.from(autoencoder.decode(Float32Array.from(codes)), (u) =>
      Math.round((255 * (u + 1)) / 2),
    );
  await bench.figure(
    `${stem}-images`,
    `${name}: images that were kept back, the same through the autoencoder, and decoded codes of the machine`,
    filmStrip({
      title: `${name}, codes of ${code} numbers`,
      ...{ width, height, scale: Math.max(1, Math.round(42 / width)) },
      columns: Array.from({ length: columns }, () => ""),
      rows: [
        { name: "real", pixels: greyLevels(images.pixels.subarray(0, columns * width * height)) },
        { name: "autoencoder", pixels: pixels(kept.subarray(0, columns * code)) },
        ...Array.from({ length: rows }, (_, row) => ({
          name: row === 0 ? "machine" : "",
          pixels: pixels(generated.subarray(row * columns * code, (row + 1) * columns * code)),
        })),
      ],
    }),
  );
}

/** Draws and lists how codes of machines compare with those of training images, over the steps. */
export async function drawCodeQualities(
  bench: Workbench,
  results: readonly LatentResult[],
  steps: readonly number[],
): Promise<void> {
  await bench.table(
    "quality",
    "Codes against those of training images: of the machine over its steps, of images that were kept back, and of a " +
      "normal distribution with the codes' mean and covariance",
    results.flatMap(({ name, machine, real, normal }) => [
      ...machine.map((measured, at) => ({
        images: name,
        codes: "machine",
        step: steps[at]!,
        ...measured,
      })),
      ...[{ images: name, codes: "real", step: Number.NaN, ...real }],
      ...[{ images: name, codes: "normal", step: Number.NaN, ...normal }],
    ]),
  );
  const x = [...steps];
  const level = (name: string, value: number): Series => ({
    ...{ name, x, y: x.map(() => value), dashed: true },
  });
  const course = (name: string, all: readonly CodeQuality[], of: (one: CodeQuality) => number) => ({
    ...{ name, x, y: all.map(of) },
  });
  await bench.figure(
    "quality",
    "Codes of machines against those of training images over the steps from N(0, 1)",
    curves({
      xTitle: "steps of generation",
      xLogarithmic: true,
      plots: results.flatMap(({ name, machine, real, normal }) => [
        {
          title: `Adversarial accuracy of codes, ${name}`,
          series: [
            course("A_S", machine, ({ A_S }) => A_S),
            course("A_T", machine, ({ A_T }) => A_T),
            level("½", 0.5),
          ],
        },
        {
          title: `E⁽²⁾ of codes, ${name}`,
          logarithmic: true,
          series: [
            course("machine", machine, (one) => one.covarianceError),
            level("normal", normal.covarianceError),
            level("real", real.covarianceError),
          ],
        },
      ]),
    }),
  );
}
