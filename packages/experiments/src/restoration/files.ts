// Damaged images read from files, and the files that restoring them leaves: every image, a picture of before and after,
// and the energies on the way.
import { join, parse } from "node:path";
import { mean } from "@neural-langevin/analysis";
import {
  decodeStates,
  type Encoding,
  encodeAll,
  encodeNpy,
  encodingOf,
  type ImageFile,
  maskNames,
} from "@neural-langevin/datasets";
import { imageGrid } from "@neural-langevin/figures";
import { renderPng } from "@neural-langevin/figures/node";
import { dynamicsOf, pixelsOf } from "@neural-langevin/runs";
import {
  imageNames,
  type LoadedNetwork,
  readCounterparts,
  readImageFiles,
  readMask,
  writeWhole,
} from "@neural-langevin/runs/node";
import { drawEnergies, drawImages, energiesCsv } from "./figures.js";
import { type Damage, damageImages, type Relaxation, type RestoredImage } from "./restore.js";

/** Images with what is known about them, as states x of shape [images][pixels]. */
export interface DamagedImages {
  /** As they were read. */
  readonly files: readonly ImageFile[];
  /** Of every image, in pixels. */
  readonly size: { readonly width: number; readonly height: number };
  /** x of the damaged images, shape [images][pixels]. */
  readonly start: Float32Array;
  /** x of the undamaged ones, shape [images][pixels]; undefined where they are not known. */
  readonly originals: Float32Array | undefined;
  /** 1 where a pixel is completed, shape [pixels]. */
  readonly masked: Uint8Array | undefined;
  /** The machine's. */
  readonly encoding: Encoding;
  /** The damage in words. */
  readonly damage: string | undefined;
}

/** What is done to images that are read. */
export interface FileDamage extends Pick<Damage, "corrupt" | "seed"> {
  /** A name of `maskNames`, or a file that is white where an image is to be completed. */
  readonly mask?: string | undefined;
  /** The undamaged image, or a folder of them under the same names; the images themselves where they are damaged here. */
  readonly original?: string | undefined;
}

/**
 * Reads images that a machine can see, and damages them.
 *
 * @throws not-found, bad-file, unsupported; invalid-value, for another size and a share or mask that cannot be;
 *   wrong-length, not-finite, unavailable
 */
export async function readDamagedImages(
  paths: readonly string[],
  machine: LoadedNetwork,
  { corrupt, mask, original, seed }: FileDamage,
): Promise<DamagedImages> {
  const { network, image, run, file } = machine;
  const shape = { machine: run?.path ?? file, pixels: pixelsOf(network), image };
  const encoding = encodingOf(network.encoding);
  const files = await readImageFiles(paths, shape);
  const { width, height } = files[0]!;
  const size = { width, height };
  const masked = mask === undefined ? undefined : await readMask(mask, shape, size);
  const given = encodeAll(files, encoding);
  const damage = describeDamage(corrupt, mask);
  const originals =
    original !== undefined
      ? encodeAll(await readCounterparts(original, files, shape), encoding)
      : damage !== undefined
        ? given
        : undefined;
  const { chainStart } = dynamicsOf(machine);
  const start = damageImages(given, shape.pixels, { corrupt, masked, seed }, chainStart);
  return { files, size, start, originals, masked, damage, encoding };
}

function describeDamage(corrupt: number | undefined, mask: string | undefined): string | undefined {
  if (corrupt !== undefined) return `${Number((100 * corrupt).toPrecision(3))} % of units replaced`;
  if (mask === undefined) return undefined;
  return maskNames.includes(mask) ? `masked ${mask}` : "masked part";
}

/** Where restored images go. */
export interface RestorationFiles {
  /** Of each file of images, in their formats. */
  readonly restored: readonly string[];
  /** The picture of before and after, PNG. */
  readonly grid: string;
  /** The energies over the steps. */
  readonly csv: string;
  /** Their curve, SVG. */
  readonly drawing: string;
  /** The same, PNG. */
  readonly curve: string;
}

/** The files of a restoration in a folder. */
export const restorationFiles = (
  { files }: Pick<DamagedImages, "files">,
  folder: string,
): RestorationFiles => ({
  restored: restoredNames(files).map((name) => join(folder, name)),
  grid: join(folder, "grid.png"),
  csv: join(folder, "energy.csv"),
  drawing: join(folder, "energy.svg"),
  curve: join(folder, "energy.png"),
});

/**
 * Writes restored images, a picture of before and after, and the energies on the way.
 *
 * @throws not-found, invalid-value, unsupported, exists, unavailable, for what the system refuses
 */
export async function writeRestored(
  results: RestorationFiles,
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
    const energy = `E ${Number(mean(images.map((image) => image.energy[when])).toPrecision(4))}`;
    if (!originals) return energy;
    return `${energy}, RMSE ${mean(images.map(({ rmse }) => rmse![when])).toFixed(3)}`;
  };
  const title = damage ? damage.charAt(0).toUpperCase() + damage.slice(1) : "Given";
  const picture = drawImages(
    [
      ...(originals
        ? [
            {
              title: "Original",
              caption: images.length === 1 ? "1 image" : `${images.length} images`,
              states: originals,
            },
          ]
        : []),
      { title, caption: caption("before"), states: start },
      { title: "Restored", caption: caption("after"), states },
    ],
    size,
    encoding,
  );
  await writeWhole(results.grid, await renderPng(picture, 2));
  const names = imageNames(files);
  await writeWhole(results.csv, energiesCsv(relaxation, names));
  const drawing = drawEnergies(relaxation, names);
  await writeWhole(results.drawing, drawing);
  await writeWhole(results.curve, await renderPng(drawing, 2));
}

/** What restored files are called; files of one name from several folders are numbered. */
function restoredNames(files: readonly ImageFile[]): string[] {
  const seen = new Map<string, number>();
  return files.map(({ file, format }) => {
    const name = `${parse(file).name}-restored`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return `${name}${count > 1 ? `-${count}` : ""}.${format.toLowerCase()}`;
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
