// What a training names, as data: the way from a path to samples.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { LangevinError, type WorkOptions } from "@neural-langevin/core";
import Papa from "papaparse";
import { type ArrayFile, openNpzFile, openTensorFile, readNpySamples } from "./array-file.js";
import { type DataSet, type ImageSet, isImageSet, requireContrast } from "./data-set.js";
import { fillFrom, notFound, readFirstBytes, withFile } from "./disk.js";
import { describeFormat, recognizeFormat, wrongFormat } from "./format.js";
import { findIdxImages, type Part, readIdxImages } from "./idx-files.js";
import { readImageFolder } from "./image-folder.js";
import { labelsOfArray, withLabelsOf } from "./labels-file.js";
import { readMnist } from "./mnist.js";
import type { MissingNumbers, NumberKind } from "./samples.js";
import { ifMissing } from "./system-failure.js";
import { delimiterOf, TableReader } from "./table.js";
import { startWork, type Work } from "./work.js";

/** What to load. */
export interface LoadOptions extends WorkOptions {
  /** The part of a data set that has parts: training data unless given. */
  readonly part?: Part | undefined;
  /** The folder with MNIST's files that "mnist" stands for. */
  readonly mnist?: string | undefined;
  /** What the numbers of arrays and tables mean: `grey` unless given. Images are always grey. */
  readonly numbers?: NumberKind | undefined;
  /** What becomes of numbers that are missing from arrays and tables; refused unless given. */
  readonly missing?: MissingNumbers | undefined;
  /** A file with the labels of the training part. */
  readonly labelsFile?: string | undefined;
  /** The column of a table that holds labels. */
  readonly labelColumn?: string | undefined;
}

/**
 * Loads data by what names them:
 *
 * - `mnist`: MNIST from the folder in the options, verified by its SHA-256
 * - a folder of IDX files with the names of MNIST or EMNIST, plain, `.gz`, or each in a folder of its own name
 * - a folder of PNG and JPEG files, of one folder for every label, or of the folders `train` and `test`
 * - a file: IDX images (with the labels beside them), NPY, NPZ, safetensors, CSV or TSV
 *
 * @throws not-found, also for a part that is not there; bad-file, also where all numbers are equal; unsupported;
 *   invalid-value (a folder of several data sets, a label column that the table does not have); unavailable (the system refuses to read it); aborted
 */
export async function loadSamples(source: string, options: LoadOptions = {}): Promise<DataSet> {
  const set = await read(source, options);
  requireContrast(set);
  const { labelsFile, part = "train" } = options;
  if (labelsFile === undefined || part !== "train") return set;
  return withLabelsOf(set, labelsFile, options);
}

/**
 * Loads images; see `loadSamples`.
 *
 * @throws bad-file, for data that are not images, and what `loadSamples` throws (invalid-value, not-found, unsupported,
 *   unavailable, aborted)
 */
export async function loadImages(
  source: string,
  options: Omit<LoadOptions, "numbers"> = {},
): Promise<ImageSet> {
  const set = await loadSamples(source, options);
  if (isImageSet(set)) return set;
  throw new LangevinError(
    "bad-file",
    `${source} holds samples of the shape (${set.shape.join(", ")}), where grey images are (height, width) ` +
      "or the pixels of a square.",
  );
}

async function read(source: string, options: LoadOptions): Promise<DataSet> {
  const { part = "train", mnist } = options;
  if (source === "mnist" && mnist !== undefined) return readMnist(mnist, part, options);
  const entry = await stat(source).catch(ifMissing(source, undefined));
  if (!entry) {
    throw new LangevinError(
      "not-found",
      `There are no data at ${source}.`,
      `${mnist === undefined ? "Name" : "Say mnist, or name"} ${wanted}.`,
    );
  }
  if (entry.isDirectory()) {
    return (
      (await findIdxImages(source, part, options)) ?? (await readImageFolder(source, part, options))
    );
  }
  const start = await readFirstBytes(source, 512);
  const format = recognizeFormat(start, source);
  if (format === "idx" || format === "gzip") return readIdxImages(source, options);
  if (format === "npz" || format === "zip" || format === "safetensors") {
    const open = format === "safetensors" ? openTensorFile : openNpzFile;
    return withFile(source, async (handle, size) =>
      samplesOfArchive(await open(handle, size, source, options), part, source),
    );
  }
  if (format === "npy" || format === "table") {
    if (part === "test") {
      throw notFound(
        `test part in ${source}`,
        `${format === "npy" ? "An NPY file" : "A table"} is all one part.`,
      );
    }
    if (format === "table") {
      const delimiter = delimiterOf(new TextDecoder().decode(start));
      return readTable(source, entry.size, delimiter, options);
    }
    return readNpySamples(source, options);
  }
  if (format === "png" || format === "jpeg") {
    throw new LangevinError(
      "unsupported",
      `${source} is one ${format === "png" ? "PNG" : "JPEG"} image, but a training takes many.`,
      "Name the folder that holds it.",
    );
  }
  if (format !== "unknown" || entry.size === 0) {
    throw wrongFormat(start, source, "data that can be read");
  }
  throw new LangevinError(
    "unsupported",
    `${source} is ${describeFormat(format)}, not data that can be read.`,
    isText(start)
      ? "A table with commas, semicolons, tabs or bars between its cells is read where its name ends in .csv or .tsv."
      : `Name ${wanted}.`,
  );
}

/** Whether bytes may be lines of text. */
const isText = (bytes: Uint8Array): boolean =>
  bytes.every((byte) => byte >= 32 || (byte >= 9 && byte <= 13));

const wanted =
  "a folder of IDX, PNG or JPEG files, or an IDX, NPY, NPZ, safetensors, CSV or TSV file";

/** Bytes of a table that are read at once; a line may be longer. */
const TABLE_PIECE = 2 ** 20;

/** Reads a table as it comes from the disk: as bytes, and where that does not suffice, by Papa Parse from there on. */
async function readTable(
  source: string,
  size: number,
  delimiter: string,
  options: LoadOptions,
): Promise<DataSet> {
  const { numbers = "grey", labelColumn, missing } = options;
  const reader = new TableReader(source, { labelColumn, missing });
  const work = startWork(options, "reading", size, "bytes");
  const done = await withFile(source, async (handle) => {
    let buffer = new Uint8Array(TABLE_PIECE + 1);
    /** Bytes of a line whose end was not read yet, which begin the buffer, and where the next ones lie in the file. */
    let [kept, next] = [0, 0];
    for (;;) {
      const room = buffer.length - 1 - kept;
      const filled = await fillFrom(handle, buffer.subarray(kept, kept + room), next);
      const start = next - kept;
      next += filled;
      let length = kept + filled;
      const isEnd = filled < room;
      // The last line may lack its end.
      if (isEnd && length > 0 && buffer[length - 1] !== NEWLINE) buffer[length++] = NEWLINE;
      const whole = buffer.subarray(0, length).lastIndexOf(NEWLINE) + 1;
      const taken = reader.addLines(buffer.subarray(0, whole), delimiter);
      await work.advance(next);
      if (taken < whole) return start + taken;
      if (isEnd) return size;
      // Nor do lines that end as on old Macs.
      if (whole === 0 && buffer.includes(RETURN)) return start;
      // Tables mostly go on as they begin; a little more room than that is never touched, and takes no memory.
      if (start === 0 && taken > 0)
        reader.reserve(Math.ceil(1.05 * reader.length * (size / taken)));
      kept = length - whole;
      // A line that fills the buffer needs a larger one.
      const larger = whole === 0 ? new Uint8Array(2 * buffer.length) : buffer;
      larger.set(buffer.subarray(whole, length));
      buffer = larger;
    }
  });
  if (done < size) await readTableText(source, done, reader, delimiter, work);
  return reader.finish(numbers);
}

const [NEWLINE, RETURN] = [10, 13];

/** Reads the rest of a table as text, from some place on, where a line begins. */
async function readTableText(
  source: string,
  start: number,
  reader: TableReader,
  delimiter: string,
  work: Work,
): Promise<void> {
  const stream = createReadStream(source, { start, encoding: "utf8", highWaterMark: TABLE_PIECE });
  await new Promise<void>((resolve, reject) => {
    let done: Promise<void> = Promise.resolve();
    const fail = (error: unknown) => {
      stream.destroy();
      reject(error);
    };
    Papa.parse<string[]>(stream, {
      delimiter,
      chunk({ data }, parser) {
        try {
          for (const cells of data) reader.add(cells);
        } catch (error) {
          parser.abort();
          return fail(error);
        }
        parser.pause();
        done = work.advance(start + stream.bytesRead).then(() => parser.resume(), fail);
      },
      complete: () => void done.then(resolve),
      error: fail,
    });
  });
}

/** Names under which archives hold a part, in lower case: Keras' MNIST, MedMNIST, and an archive of one part. */
const names = {
  data: {
    train: [
      "x_train",
      "train_images",
      "train_x",
      "images",
      "x",
      "data",
      "states",
      "rates",
      "activity",
      "arr_0",
    ],
    test: ["x_test", "test_images", "test_x"],
  },
  labels: {
    train: ["y_train", "train_labels", "train_y", "labels", "y"],
    test: ["y_test", "test_labels", "test_y"],
  },
} as const;

async function samplesOfArchive(archive: ArrayFile, part: Part, source: string): Promise<DataSet> {
  const find = (kind: keyof typeof names) => {
    const known: readonly string[] = names[kind][part];
    const found = archive.names.filter((name) => known.includes(name.toLowerCase()));
    const [best] = found.sort(
      (a, b) => known.indexOf(a.toLowerCase()) - known.indexOf(b.toLowerCase()),
    );
    return best;
  };
  const data =
    find("data") ?? (part === "train" && archive.names.length === 1 ? archive.names[0] : undefined);
  if (data === undefined) {
    throw notFound(
      `array of ${part === "train" ? "data" : "test data"} in ${source}`,
      `Its arrays are ${archive.names.join(", ")}; data are called ${names.data[part].join(", ")}.`,
    );
  }
  const set = { ...(await archive.samples(data)), source };
  const labels = find("labels");
  if (labels === undefined) return set;
  const values = labelsOfArray(await archive.array(labels), set.count, `${source}, ${labels}`);
  return { ...set, labels: values };
}
