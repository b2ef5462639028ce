// The files that restoring leaves: every image, a picture of before and after, and the energies on the way.
import { join, parse } from "node:path";
import { mean } from "@neural-langevin/analysis";
import { decodeStates, encodeNpy, ratesOfStates } from "@neural-langevin/datasets";
import { curves, imageGrid, type Panel } from "@neural-langevin/figures";
import { renderPng } from "@neural-langevin/figures/node";
import { writeWhole } from "@neural-langevin/runs/node";
import { formatNumber } from "../text/format.js";
import type { RestoredImage } from "../text/restored.js";
import type { ImageFile } from "./image-files.js";
import { drawPanels } from "./pictures.js";

/** Where states went. */
export interface Relaxation {
  /** x at the end, shape [images][N]. */
  readonly states: Float32Array;
  /** Numbers of steps at which energies were measured, from 0. */
  readonly steps: readonly number[];
  /** E of every image at each of them. */
  readonly energies: readonly Float32Array[];
}

/** Images with what is known about them, as states of shape [images][N]. */
export interface DamagedImages {
  readonly files: readonly ImageFile[];
  readonly size: { readonly width: number; readonly height: number };
  readonly start: Float32Array;
  readonly originals: Float32Array | undefined;
  /** 1 where a unit is completed, shape [N]. */
  readonly masked: Uint8Array | undefined;
  /** The damage in words. */
  readonly damage: string | undefined;
}

/** The files that are written. */
export function resultsOf(files: readonly ImageFile[], out: string) {
  return {
    restored: outputsOf(files, out),
    grid: join(out, "grid.png"),
    csv: join(out, "energy.csv"),
    drawing: join(out, "energy.svg"),
    curve: join(out, "energy.png"),
  };
}

export async function writeResults(
  results: ReturnType<typeof resultsOf>,
  { files, size, start, originals, damage }: DamagedImages,
  relaxation: Relaxation,
  images: readonly RestoredImage[],
): Promise<void> {
  const units = start.length / images.length;
  let first = 0;
  for (const [index, file] of files.entries()) {
    const own = relaxation.states.subarray(first, first + file.count * units);
    await writeWhole(results.restored[index]!, encodeRestored(own, file));
    first += file.count * units;
  }
  const caption = (when: "before" | "after") => {
    const energy = `E ${formatNumber(mean(images.map((image) => image.energy[when])))}`;
    if (!originals) return energy;
    return `${energy}, RMSE ${mean(images.map(({ rmse }) => rmse![when])).toFixed(3)}`;
  };
  const title = damage ? damage.charAt(0).toUpperCase() + damage.slice(1) : "Given";
  const picture = await drawPanels([
    ...(originals ? [panelOf("Original", plural(images.length), originals, size)] : []),
    panelOf(title, caption("before"), start, size),
    panelOf("Restored", caption("after"), relaxation.states, size),
  ]);
  await writeWhole(results.grid, picture);
  const names = images.map(({ image }) => image);
  await writeWhole(results.csv, energiesAsCsv(relaxation, names));
  const drawing = energiesAsSvg(relaxation, names);
  await writeWhole(results.drawing, drawing);
  await writeWhole(results.curve, await renderPng(drawing, 2));
}

export const plural = (count: number): string => (count === 1 ? "1 image" : `${count} images`);

/** What an image is called: its file, with a number where the file has several. */
export const namesOf = (files: readonly ImageFile[]): string[] =>
  files.flatMap(({ file, count }) =>
    count === 1
      ? [parse(file).base]
      : Array.from({ length: count }, (_, at) => `${parse(file).base}[${at}]`),
  );

/** Where restored files go; files of one name from several folders are numbered. */
function outputsOf(files: readonly ImageFile[], out: string): string[] {
  const seen = new Map<string, number>();
  return files.map(({ file, format }) => {
    const name = `${parse(file).name}-restored`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return join(out, `${name}${count > 1 ? `-${count}` : ""}.${format.toLowerCase()}`);
  });
}

/** PNG for PNG; for NPY, grey levels from 0 to 1 in float32, shape [count][height][width]. */
function encodeRestored(
  states: Float32Array,
  { format, count, width, height }: ImageFile,
): Uint8Array {
  if (format === "PNG")
    return imageGrid({ pixels: decodeStates(states), width, height, columns: 1 }).png;
  const levels = ratesOfStates(states).map((rate) => (rate + 1) / 2);
  return encodeNpy(levels, [count, height, width]);
}

/** Images that a figure shows at most. */
const SHOWN = 64;

/** States as a panel, at least wide enough for its caption. */
function panelOf(
  title: string,
  caption: string,
  states: Float32Array,
  size: { width: number; height: number },
): Panel {
  const { width, height } = size;
  const count = Math.min(SHOWN, states.length / (width * height));
  const columns = Math.min(8, Math.ceil(Math.sqrt(count)));
  const scale = Math.max(1, Math.ceil(220 / (columns * width)));
  const pixels = decodeStates(states.subarray(0, count * width * height));
  return { title, caption, picture: imageGrid({ pixels, width, height, columns, scale }) };
}

/** The energies as CSV: a column of steps, then one of every image. */
function energiesAsCsv({ steps, energies }: Relaxation, names: readonly string[]): string {
  const quote = (name: string) => (/[",\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);
  const rows = steps.map((step, point) => [step, ...energies[point]!].join(","));
  return `${[["step", ...names.map(quote)].join(","), ...rows].join("\n")}\n`;
}

/** The energies as SVG: a curve of every image, or of the mean and the extremes of many. */
function energiesAsSvg({ steps, energies }: Relaxation, names: readonly string[]): string {
  const curve = (name: string, of: (values: Float32Array) => number) => ({
    name: name.length > 14 ? `${name.slice(0, 13)}…` : name,
    x: steps,
    y: energies.map(of),
  });
  const series =
    names.length <= 6
      ? names.map((name, image) => curve(name, (values) => values[image]!))
      : [
          curve("highest", (values) => values.reduce((a, b) => Math.max(a, b))),
          curve("mean", mean),
          curve("lowest", (values) => values.reduce((a, b) => Math.min(a, b))),
        ];
  return curves({ xTitle: "steps", plots: [{ title: "Energy E", series, logarithmic: true }] });
}
