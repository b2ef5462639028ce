// What a training names, as images: the way from a path to an image set.
import { stat } from "node:fs/promises";
import { LangevinError } from "@neural-langevin/core";
import { notFound, readStart, readWholeFile } from "./disk.js";
import { describeFormat, recognizeFormat, wrongFormat } from "./format.js";
import { findIdxImages, type Part, readIdxImages } from "./idx-files.js";
import { badFile, type ImageSet, requireContrast } from "./image-set.js";
import { readMnist } from "./mnist.js";
import { imagesFromNpy, type NpyArray, parseNpy } from "./npy.js";
import { type NpzArchive, openNpz } from "./npz.js";
import { readPngFolder } from "./png-folder.js";

/** What to load. */
export interface LoadOptions {
  /** The part of a data set that has parts: training images unless given. */
  readonly part?: Part;
  /** The folder with MNIST's files that "mnist" stands for. */
  readonly mnist?: string;
}

/**
 * Loads images by what names them:
 *
 * - `mnist`: MNIST from the folder in the options, verified by its SHA-256
 * - a folder of IDX files with the names of MNIST or EMNIST, plain, `.gz`, or each in a folder of its own name
 * - a folder of PNG files, of one folder for every label, or of the folders `train` and `test`
 * - a file: IDX images (with the labels beside them), NPY, or NPZ
 *
 * @throws not-found, also for a part that is not there; bad-file, also where all pixels are equal; unsupported
 */
export async function loadImages(source: string, options: LoadOptions = {}): Promise<ImageSet> {
  const set = await read(source, options.part ?? "train", options.mnist);
  requireContrast(set);
  return set;
}

async function read(source: string, part: Part, mnist: string | undefined): Promise<ImageSet> {
  if (source === "mnist" && mnist !== undefined) return readMnist(mnist, part);
  const entry = await stat(source).catch(() => undefined);
  if (!entry) {
    throw new LangevinError(
      "not-found",
      `There are no data at ${source}.`,
      `${mnist === undefined ? "Name" : "Say mnist, or name"} a folder of IDX or PNG files, or an IDX, NPY or NPZ file.`,
    );
  }
  if (entry.isDirectory()) {
    return (await findIdxImages(source, part)) ?? (await readPngFolder(source, part));
  }
  const start = await readStart(source, 512);
  const format = recognizeFormat(start, source);
  if (format === "idx" || format === "gzip") return readIdxImages(source);
  if (format === "npz" || format === "zip") {
    return imagesFromNpz(openNpz(await readWholeFile(source), source), part, source);
  }
  if (format === "npy") {
    if (part === "test") throw notFound(`test part in ${source}`, "An NPY file is all one part.");
    return imagesFromNpy(parseNpy(await readWholeFile(source), source), source);
  }
  if (format === "png") {
    throw new LangevinError(
      "unsupported",
      `${source} is one PNG image, and a training takes many.`,
      "Name the folder that holds it.",
    );
  }
  if (format !== "unknown") throw wrongFormat(start, source, "images that can be read");
  throw new LangevinError(
    "unsupported",
    `${source} is ${describeFormat(format)}, and not images.`,
    "Name a folder of IDX or PNG files, or an IDX, NPY or NPZ file.",
  );
}

/** Names under which archives hold a part, in lower case: Keras' MNIST, MedMNIST, and an archive of one part. */
const names = {
  images: {
    train: ["x_train", "train_images", "train_x", "images", "x", "data", "arr_0"],
    test: ["x_test", "test_images", "test_x"],
  },
  labels: {
    train: ["y_train", "train_labels", "train_y", "labels", "y"],
    test: ["y_test", "test_labels", "test_y"],
  },
} as const;

function imagesFromNpz(archive: NpzArchive, part: Part, source: string): ImageSet {
  const find = (kind: keyof typeof names) => {
    const known: readonly string[] = names[kind][part];
    const found = archive.names.filter((name) => known.includes(name.toLowerCase()));
    const [best] = found.sort(
      (a, b) => known.indexOf(a.toLowerCase()) - known.indexOf(b.toLowerCase()),
    );
    return best;
  };
  const images =
    find("images") ??
    (part === "train" && archive.names.length === 1 ? archive.names[0] : undefined);
  if (images === undefined) {
    throw notFound(
      `array of ${part === "train" ? "images" : "test images"} in ${source}`,
      `Its arrays are ${archive.names.join(", ")}; images are called ${names.images[part].join(", ")}.`,
    );
  }
  const set = imagesFromNpy(archive.read(images), `${source}, ${images}`);
  const labels = find("labels");
  if (labels === undefined) return { ...set, source };
  const array = archive.read(labels);
  return { ...set, labels: labelsFrom(array, set.count, `${source}, ${labels}`), source };
}

/** Labels in a row or a column. */
function labelsFrom({ shape, values }: NpyArray, count: number, name: string): Uint8Array {
  if (values.length !== count || shape[0] !== count) {
    throw badFile(
      name,
      `has the shape (${shape.join(", ")}), but ${count} labels are expected, one per image`,
    );
  }
  const place = values.findIndex((value) => !Number.isInteger(value) || value < 0 || value > 255);
  if (place < 0) return Uint8Array.from(values);
  throw badFile(
    name,
    `has ${values[place]} at [${place}], and a label is a whole number from 0 to 255`,
  );
}
