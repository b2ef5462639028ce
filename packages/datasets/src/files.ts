// Files and folders of images, in Node.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { LangevinError } from "@neural-langevin/core";
import { encodeIdx, type IdxArray, LONGEST_HEADER, parseIdx, parseIdxHeader } from "./idx.js";
import { badFile, type ImageSet } from "./image-set.js";
import { imagesFromNpy, parseNpy } from "./npy.js";
import { parsePng } from "./png.js";

/** Which part of MNIST or a data set of its kind. */
export type Part = "train" | "test";

const notFound = (path: string, wanted: string): LangevinError =>
  new LangevinError("not-found", `There is no ${wanted} ${path}.`, "Check the path.");

const isMissing = (error: unknown): boolean =>
  ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");

/**
 * Reads an IDX file, plain or compressed with gzip.
 *
 * @throws not-found, bad-file, unsupported
 */
export async function readIdx(file: string): Promise<IdxArray> {
  const start = await readStart(file);
  if (start[0] === 0x1f && start[1] === 0x8b) return parseIdx(await gunzipIdx(file), file);
  // A header that claims another size than the file has is refused before the file is read.
  const { shape, fileSize } = parseIdxHeader(start, file);
  const { size } = await stat(file);
  if (size !== fileSize) throw wrongSize(file, shape, fileSize, `${size} were found`);
  return parseIdx(await readFile(file), file);
}

const wrongSize = (file: string, shape: readonly number[], expected: number, found: string) =>
  badFile(
    file,
    `claims ${shape.join(" × ")} values, so ${expected} bytes are expected, but ${found}`,
  );

async function readStart(file: string): Promise<Uint8Array> {
  const handle = await open(file).catch((error) => {
    throw isMissing(error) ? notFound(file, "file") : error;
  });
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(LONGEST_HEADER));
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EISDIR") throw badFile(file, "is a folder");
    throw error;
  } finally {
    await handle.close();
  }
}

/** Decompresses a file for as long as it does not exceed what its own IDX header claims. */
async function gunzipIdx(file: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let header: ReturnType<typeof parseIdxHeader> | undefined;
  // The pipeline itself only reports that it was stopped, so the reason is kept beside it.
  let refusal: unknown;
  const take = (chunk: Uint8Array) => {
    chunks.push(chunk);
    size += chunk.length;
    if (!header && size >= LONGEST_HEADER) header = parseIdxHeader(Buffer.concat(chunks), file);
    if (header && size > header.fileSize) {
      throw wrongSize(file, header.shape, header.fileSize, "more were found");
    }
  };
  try {
    await pipeline(createReadStream(file), createGunzip(), async (source) => {
      for await (const chunk of source as AsyncIterable<Uint8Array>) {
        try {
          take(chunk);
        } catch (error) {
          refusal = error;
          throw error;
        }
      }
    });
  } catch (error) {
    throw refusal ?? badFile(file, `is damaged: ${(error as Error).message}`);
  }
  return Buffer.concat(chunks);
}

/**
 * Reads images and, where a file of them is given, labels.
 *
 * @throws not-found, bad-file, unsupported
 */
export async function readIdxImages(imagesFile: string, labelsFile?: string): Promise<ImageSet> {
  const images = await readIdx(imagesFile);
  const [count, height, width] = images.shape;
  if (images.shape.length !== 3) {
    throw badFile(imagesFile, `has ${images.shape.length} dimensions, where images have 3`);
  }
  const labels = labelsFile ? await readIdx(labelsFile) : undefined;
  if (labels && (labels.shape.length !== 1 || labels.shape[0] !== count)) {
    throw badFile(
      labelsFile!,
      `has ${labels.shape.join(" × ")} labels, but ${count} are expected, one per image`,
    );
  }
  return {
    count: count!,
    height: height!,
    width: width!,
    pixels: images.values,
    labels: labels?.values,
    source: imagesFile,
  };
}

/** The names under which the files of MNIST's kind are found. */
const stems = { train: "train", test: "t10k" } as const;
const kinds = { images: "idx3", labels: "idx1" } as const;

/**
 * Reads one part of MNIST, Fashion-MNIST or a data set of their kind from a folder with
 * `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-…`, plain or with `.gz`.
 *
 * @throws not-found, bad-file, unsupported
 */
export async function readIdxFolder(folder: string, part: Part): Promise<ImageSet> {
  const names = await listFolder(folder);
  const find = (kind: keyof typeof kinds) => {
    const pattern = new RegExp(`^${stems[part]}-${kind}[-.]${kinds[kind]}-ubyte(\\.gz)?$`);
    const name = names.find((candidate) => pattern.test(candidate));
    if (name) return join(folder, name);
    const wanted = `${stems[part]}-${kind}-${kinds[kind]}-ubyte`;
    throw notFound(join(folder, wanted), "file");
  };
  return { ...(await readIdxImages(find("images"), find("labels"))), source: folder };
}

/** SHA-256 of MNIST's uncompressed files: `[images, labels]`. */
const mnistSums = {
  train: [
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
  ],
  test: [
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
  ],
} as const;

/**
 * Reads MNIST from a folder and verifies that it is MNIST.
 *
 * @throws not-found, bad-file, unsupported
 */
export async function readMnist(folder: string, part: Part): Promise<ImageSet> {
  const set = await readIdxFolder(folder, part);
  const contents = [
    encodeIdx({ shape: [set.count, set.height, set.width], values: set.pixels }),
    encodeIdx({ shape: [set.count], values: set.labels! }),
  ];
  mnistSums[part].forEach((expected, index) => {
    const found = sha256(contents[index]!);
    if (found !== expected) {
      const what = `${stems[part]} ${index === 0 ? "images" : "labels"}`;
      throw badFile(
        folder,
        `its ${what} are not those of MNIST: SHA-256 ${expected} is expected, but ${found} was found`,
      );
    }
  });
  return { ...set, source: `MNIST (${part})` };
}

/** SHA-256 of some bytes, in hexadecimal. */
export const sha256 = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");

/**
 * Reads a folder of PNG files of one size, in the natural order of their names; folders in it that are
 * named by a number from 0 to 255 hold the images of that label.
 *
 * @throws not-found, bad-file, unsupported
 */
export async function readPngFolder(folder: string): Promise<ImageSet> {
  const names = await listFolder(folder);
  const natural = new Intl.Collator("en", { numeric: true }).compare;
  const pngs = async (path: string) =>
    (await listFolder(path)).filter((name) => /\.png$/i.test(name)).sort(natural);
  const files: { file: string; label: number | undefined }[] = [];
  for (const name of await pngs(folder)) files.push({ file: join(folder, name), label: undefined });
  for (const name of names.filter((entry) => /^\d{1,3}$/.test(entry)).sort(natural)) {
    const path = join(folder, name);
    if (!(await stat(path)).isDirectory() || Number(name) > 255) continue;
    for (const png of await pngs(path)) files.push({ file: join(path, png), label: Number(name) });
  }
  if (files.length === 0) throw notFound(folder, "PNG file in");
  const first = parsePng(await readFile(files[0]!.file), files[0]!.file);
  const { width, height } = first;
  const pixels = new Uint8Array(files.length * width * height);
  for (const [index, { file }] of files.entries()) {
    const image = index === 0 ? first : parsePng(await readFile(file), file);
    if (image.width !== width || image.height !== height) {
      throw badFile(
        file,
        `has ${image.width} × ${image.height} pixels, but ${basename(files[0]!.file)} has ` +
          `${width} × ${height}, and all must have one size`,
      );
    }
    pixels.set(image.pixels, index * width * height);
  }
  const labels = files.every(({ label }) => label !== undefined)
    ? Uint8Array.from(files, ({ label }) => label!)
    : undefined;
  return { width, height, count: files.length, pixels, labels, source: folder };
}

/**
 * Reads an NPY file of images.
 *
 * @throws not-found, bad-file, unsupported
 */
export async function readNpyImages(file: string): Promise<ImageSet> {
  const bytes = await readFile(file).catch((error) => {
    throw isMissing(error) ? notFound(file, "file") : error;
  });
  return imagesFromNpy(parseNpy(bytes, file), file);
}

async function listFolder(folder: string): Promise<string[]> {
  return readdir(folder).catch((error) => {
    throw isMissing(error) ? notFound(folder, "folder") : error;
  });
}
