// The files that restoring leaves: every image, a picture of before and after, and the energies on the way.
import { join, parse } from "node:path";
import { mean } from "@neural-langevin/analysis";
import { decodeStates, type Encoding, encodeNpy, type ImageFile } from "@neural-langevin/datasets";
import {
  drawEnergies,
  drawImages,
  energiesCsv,
  type Relaxation,
  type RestoredImage,
} from "@neural-langevin/experiments";
import { imageGrid } from "@neural-langevin/figures";
import { renderPng } from "@neural-langevin/figures/node";
import { writeWhole } from "@neural-langevin/runs/node";
import { formatNumber } from "../text/format.js";
import { namesOf } from "./image-files.js";

/** Images with what is known about them, as states x of shape [images][pixels]. */
export interface DamagedImages {
  readonly files: readonly ImageFile[];
  readonly size: { readonly width: number; readonly height: number };
  readonly start: Float32Array;
  readonly originals: Float32Array | undefined;
  /** 1 where a pixel is completed, shape [pixels]. */
  readonly masked: Uint8Array | undefined;
  /** The machine's. */
  readonly encoding: Encoding;
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
  { files, size, start, originals, damage, encoding }: DamagedImages,
  relaxation: Relaxation,
  images: readonly RestoredImage[],
): Promise<void> {
  const { states } = relaxation;
  let first = 0;
  for (const [index, file] of files.entries()) {
    const end = first + file.pixels.length;
    await writeWhole(
      results.restored[index]!,
      encodeRestored(states.subarray(first, end), file, encoding),
    );
    first = end;
  }
  const caption = (when: "before" | "after") => {
    const energy = `E ${formatNumber(mean(images.map((image) => image.energy[when])))}`;
    if (!originals) return energy;
    return `${energy}, RMSE ${mean(images.map(({ rmse }) => rmse![when])).toFixed(3)}`;
  };
  const title = damage ? damage.charAt(0).toUpperCase() + damage.slice(1) : "Given";
  const picture = drawImages(
    [
      ...(originals
        ? [{ title: "Original", caption: plural(images.length), states: originals }]
        : []),
      { title, caption: caption("before"), states: start },
      { title: "Restored", caption: caption("after"), states },
    ],
    size,
    encoding,
  );
  await writeWhole(results.grid, await renderPng(picture, 2));
  const names = namesOf(files);
  await writeWhole(results.csv, energiesCsv(relaxation, names));
  const drawing = drawEnergies(relaxation, names);
  await writeWhole(results.drawing, drawing);
  await writeWhole(results.curve, await renderPng(drawing, 2));
}

export const plural = (count: number): string => (count === 1 ? "1 image" : `${count} images`);

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

/** PNG for PNG; for NPY, grey values from 0 to 1 in float32, shape [count][height][width]. */
function encodeRestored(
  states: Float32Array,
  { format, count, width, height }: ImageFile,
  encoding: Encoding,
): Uint8Array {
  if (format === "PNG")
    return imageGrid({ pixels: decodeStates(states, encoding), width, height, columns: 1 }).png;
  return encodeNpy(new Float32Array(encoding.decode(states)), [count, height, width]);
}
