// The files that restoring leaves: every image, a picture of before and after, and the energies on the way.
import { join, parse } from "node:path";
import { decodeStates, encodeNpy, ratesOfStates } from "@neural-langevin/datasets";
import { imageGrid } from "@neural-langevin/figures";
import { renderPng } from "@neural-langevin/figures/node";
import { writeWhole } from "@neural-langevin/runs/node";
import type { ImageFile } from "./image-files.js";
import { mean } from "./mean.js";
import { drawPanels } from "./pictures.js";
import type { Course } from "./relaxation.js";
import { courseAsCsv, courseAsSvg, panelOf, type RestoredImage } from "./restoration.js";
import { readable } from "./terminal.js";

/** Images with what is known about them, as states of shape [images][N]. */
export interface Work {
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
  { files, size, start, originals, damage }: Work,
  course: Course,
  images: readonly RestoredImage[],
): Promise<void> {
  const units = start.length / images.length;
  let first = 0;
  for (const [index, file] of files.entries()) {
    const own = course.states.subarray(first, first + file.count * units);
    await writeWhole(results.restored[index]!, encodeRestored(own, file));
    first += file.count * units;
  }
  const caption = (when: "before" | "after") => {
    const energy = `E ${readable(mean(images.map((image) => image.energy[when])))}`;
    if (!originals) return energy;
    return `${energy}, RMSE ${mean(images.map(({ rmse }) => rmse![when])).toFixed(3)}`;
  };
  const title = damage ? damage.charAt(0).toUpperCase() + damage.slice(1) : "Given";
  const picture = await drawPanels([
    ...(originals ? [panelOf("Original", plural(images.length), originals, size)] : []),
    panelOf(title, caption("before"), start, size),
    panelOf("Restored", caption("after"), course.states, size),
  ]);
  await writeWhole(results.grid, picture);
  const names = images.map(({ image }) => image);
  await writeWhole(results.csv, courseAsCsv(course, names));
  const drawing = courseAsSvg(course, names);
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
