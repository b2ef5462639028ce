// What files are, and what the lab makes of them.
import { LangevinError } from "@neural-langevin/core";
import { openZip, parseNpy, recognizeFormat, wrongFormat } from "@neural-langevin/datasets";
import { openSafetensors, pixelsOf, type StoredNetwork } from "@neural-langevin/runs";
import type { ImageShape, OpenedMachine } from "../state/opened-machine.js";
import { imageEndings, type OwnImages, readOwnImages } from "./images.js";
import { type NamedFile, nameOf } from "./named-file.js";
import { findRun, type OpenedRun, openRun } from "./run.js";
import { shownNetwork } from "./shown-network.js";

/** What was opened, and the names of files that were left, because one thing is opened at a time. */
export type Opened = Content & { readonly left: readonly string[] };

type Content =
  | { readonly kind: "machine"; readonly machine: OpenedMachine }
  | { readonly kind: "run"; readonly run: OpenedRun }
  | { readonly kind: "images"; readonly images: OwnImages }
  /** States x of chains, shape [count][units]. */
  | { readonly kind: "states"; readonly states: Float32Array; readonly units: number };

const endingOf = (path: string): string => /\.[^./]+$/.exec(path.toLowerCase())?.[0] ?? "";

/**
 * Opens a run folder or its archive, a machine or checkpoint (safetensors), images (PNG, JPEG, WebP, GIF, or NPY
 * of whole numbers), or states of chains (NPY of floats).
 *
 * @throws bad-file, unsupported, not-found
 */
export async function openFiles(files: readonly NamedFile[]): Promise<Opened> {
  const folder = findRun(files);
  if (folder !== undefined) return { kind: "run", run: await openRun(files, folder), left: [] };
  const visible = files.filter(({ path }) => !nameOf(path).startsWith("."));
  const pictures = visible.filter(({ path }) => imageEndings.includes(endingOf(path)));
  const leftBeside = (opened: readonly NamedFile[]) =>
    visible.filter((one) => !opened.includes(one)).map(({ path }) => nameOf(path));
  if (pictures.length > 0) {
    const images = await readOwnImages(pictures);
    return { kind: "images", images, left: leftBeside(pictures) };
  }
  const [file] = visible;
  if (!file) throw new LangevinError("not-found", "There is no file to open.");
  return { ...(await openFile(file)), left: leftBeside([file]) };
}

async function openFile(file: NamedFile): Promise<Content> {
  const name = nameOf(file.path);
  const bytes = await file.bytes();
  switch (recognizeFormat(bytes, name)) {
    case "zip":
    case "npz":
      return openFiles(unpacked(bytes, name));
    case "safetensors":
      return { kind: "machine", machine: openMachine(bytes, name) };
    case "npy": {
      const { shape, values } = parseNpy(bytes, name);
      const floats = values instanceof Float32Array || values instanceof Float64Array;
      if (!floats) return { kind: "images", images: await readOwnImages([file]) };
      // One axis is one state.
      const units = shape
        .slice(shape.length > 1 ? 1 : 0)
        .reduce((product, size) => product * size, 1);
      return { kind: "states", states: Float32Array.from(values), units };
    }
    case "unknown":
      throw new LangevinError(
        "unsupported",
        `The lab cannot open ${name}.`,
        "It opens run folders, safetensors, NPY, PNG, JPEG, WebP and GIF.",
      );
    default:
      throw wrongFormat(bytes, name, "a run, a machine, images or states");
  }
}

/** A machine's file or a checkpoint, with what its metadata say. */
function openMachine(bytes: Uint8Array, name: string): OpenedMachine {
  const network = shownNetwork(bytes, name);
  const { metadata } = openSafetensors(bytes, name);
  const digits = metadata.labels?.split(",").map(Number).filter(Number.isInteger);
  return {
    ...network,
    name,
    ...shapeOf(network),
    learned: digits && { kind: "digits", digits },
    updates: metadata.update === undefined ? undefined : Number(metadata.update),
  };
}

/** The shape that the file says; else the one nearest to a square in which all pixels have a place. */
function shapeOf(network: StoredNetwork): ImageShape {
  if (network.shape?.length === 2) {
    const [height = 1, width = 1] = network.shape;
    return { width, height };
  }
  const pixels = pixelsOf(network);
  let height = Math.floor(Math.sqrt(pixels));
  while (pixels % height > 0) height--;
  return { width: pixels / height, height };
}

const unpacked = (archive: Uint8Array, name: string): NamedFile[] =>
  [...openZip(archive, name)].map(([path, read]) => ({ path, bytes: async () => read() }));
