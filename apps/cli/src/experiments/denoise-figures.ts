// The figures of the associative memory.
import { decodeStates, greyLevels, type ImageSet } from "@neural-langevin/datasets";
import { curves, filmStrip } from "@neural-langevin/figures";
import { mean } from "../mean.js";
import { BACK, backShare, type Damaged, methods } from "./denoise-baselines.js";
import type { Workbench } from "./workbench.js";

/** What became of images with one share of replaced units: one entry for each look, with one number for each image. */
export interface Level {
  readonly level: number;
  /** E/N. */
  readonly energies: readonly Float64Array[];
  /** Distance of the firing rates from those of the stored image. */
  readonly rms: readonly Float64Array[];
  /** States of the first copy of every image, where they are shown. */
  readonly films: readonly Float32Array[];
  readonly others: Readonly<Record<string, readonly number[]>>;
}

interface Drawing {
  readonly found: readonly Level[];
  readonly at: Level;
  readonly steps: readonly number[];
  /** The first copies, damaged as much as `at`. */
  readonly example: Damaged;
  /** The stored images. */
  readonly images: ImageSet;
}

/** Writes all figures. */
export async function drawDenoise(bench: Workbench, drawing: Drawing): Promise<void> {
  const { found, at, steps } = drawing;
  const percent = `${Math.round(100 * at.level)} %`;
  await bench.figure(
    "film",
    `Stored digits come back from ${percent} replaced units at T = 0`,
    drawFilm(drawing, `From ${percent} replaced units at T = 0, over the steps`),
  );
  const band = (name: string, rows: readonly Float64Array[]) => ({
    ...{ name, x: [...steps], y: rows.map(mean) },
    low: rows.map((row) => quantile(row, 0.1)),
    high: rows.map((row) => quantile(row, 0.9)),
  });
  await bench.figure(
    "course",
    `Energy and distance from the stored image over time, from ${percent} replaced units; bands hold 80 % of the images`,
    curves({
      xTitle: "steps at T = 0",
      plots: [
        { title: "Energy per unit E/N", logarithmic: true, series: [band("machine", at.energies)] },
        { title: "Distance of firing rates, root mean square", series: [band("machine", at.rms)] },
      ],
    }),
  );
  const x = found.map(({ level }) => level);
  const over = (of: (distance: ArrayLike<number>) => number) =>
    ["machine", ...Object.keys(at.others)].map((name) => ({
      ...{ name, x, dashed: name === "untouched" },
      y: found.map(({ rms, others }) => of(others[name] ?? rms.at(-1)!)),
    }));
  await bench.figure(
    "recovery",
    "What comes back over the share of replaced units, with the machine and with plainer methods",
    curves({
      xTitle: "share of replaced units",
      plots: [
        { title: `Share of images that came back, to less than ${BACK}`, series: over(backShare) },
        { title: "Distance of firing rates, root mean square", series: over(mean) },
      ],
    }),
  );
  await bench.figure(
    "methods",
    `The same damaged digits, ${percent} of the units replaced, restored by every method`,
    drawMethods(drawing, `${percent} of the units replaced, restored by every method`),
  );
}

const scaleOf = ({ width }: ImageSet): number => Math.max(1, Math.round(56 / width));

/** Rates as grey levels. */
const decodeRates = (rates: ArrayLike<number>): Uint8Array =>
  Uint8Array.from(rates, (rate) => Math.round((255 * (Math.max(-1, Math.min(1, rate)) + 1)) / 2));

function drawFilm({ at, steps, images }: Drawing, title: string): string {
  const { width, height, count, pixels, labels } = images;
  const size = width * height;
  return filmStrip({
    ...{ title, width, height, scale: scaleOf(images) },
    columns: [...steps.map(String), "stored"],
    rows: Array.from({ length: count }, (_, row) => {
      const frames = at.films.map((film) =>
        decodeStates(film.subarray(row * size, (row + 1) * size)),
      );
      const all = [...frames, pixels.subarray(row * size, (row + 1) * size)];
      return {
        name: String(labels![row]),
        pixels: Uint8Array.from(all.flatMap((one) => [...one])),
      };
    }),
  });
}

function drawMethods({ at, example, images }: Drawing, title: string): string {
  const { width, height, pixels, labels } = images;
  const { untouched, ...restoring } = methods;
  return filmStrip({
    ...{ title, width, height, scale: scaleOf(images) },
    columns: [...labels!].map(String),
    rows: [
      { name: "stored", pixels: greyLevels(pixels) },
      { name: "damaged", pixels: decodeRates(untouched!(example)) },
      { name: "machine", pixels: decodeStates(at.films.at(-1)!) },
      ...Object.entries(restoring).map(([name, restore]) => ({
        ...{ name, pixels: decodeRates(restore(example)) },
      })),
    ],
  });
}

/** The value below which a share of the values lies. */
const quantile = (values: Float64Array, share: number): number =>
  values.slice().sort()[Math.floor(share * (values.length - 1))]!;
