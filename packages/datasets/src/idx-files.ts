// IDX files on disk: single ones, plain or compressed, and folders with the names of MNIST and its kind.
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { LangevinError, type WorkOptions } from "@neural-langevin/core";
import { badFile, type ImageSet } from "./data-set.js";
import {
  describeListing,
  type Listing,
  listFolder,
  notFound,
  readFirstBytes,
  readWholeFile,
  withFile,
} from "./disk.js";
import { greyOf } from "./grey.js";
import { type IdxArray, LONGEST_HEADER, parseIdx, parseIdxHeader } from "./idx.js";

/** Which part of a data set. */
export type Part = "train" | "test";

/**
 * Reads an IDX file, plain or compressed with gzip.
 *
 * @throws not-found, bad-file, unsupported, unavailable (the system refuses to read it), aborted
 */
export async function readIdx(file: string, options?: WorkOptions): Promise<IdxArray> {
  const start = await readFirstBytes(file, LONGEST_HEADER);
  if (start[0] === 0x1f && start[1] === 0x8b) return parseIdx(await gunzipIdx(file), file);
  // A header that claims another size than the file has is refused before the file is read.
  const { shape, fileSize } = parseIdxHeader(start, file);
  const size = await withFile(file, async (_, size) => size);
  if (size !== fileSize) throw wrongSize(file, shape, fileSize, `${size} were found`);
  return parseIdx(await readWholeFile(file, options), file);
}

const wrongSize = (file: string, shape: readonly number[], expected: number, found: string) =>
  badFile(
    file,
    `claims ${shape.join(" × ")} values, so ${expected} bytes are expected, but ${found}`,
  );

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
    await withFile(file, (handle) =>
      pipeline(handle.createReadStream({ autoClose: false }), createGunzip(), async (source) => {
        for await (const chunk of source as AsyncIterable<Uint8Array>) {
          try {
            take(chunk);
          } catch (error) {
            refusal = error;
            throw error;
          }
        }
      }),
    );
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
async function readImages(
  imagesFile: string,
  labelsFile?: string,
  options?: WorkOptions,
): Promise<ImageSet> {
  const { shape, values } = await readIdx(imagesFile, options);
  const [count, height, width] = shape;
  if (shape.length !== 3) {
    throw badFile(
      imagesFile,
      `has the shape (${shape.join(", ")}), where images have (count, height, width)`,
      "Name the file of the images.",
    );
  }
  const labels = labelsFile ? await readIdx(labelsFile) : undefined;
  if (labels && (labels.shape.length !== 1 || labels.shape[0] !== count)) {
    throw badFile(
      labelsFile!,
      `has ${labels.shape.join(" × ")} labels, but ${count} are expected, one per image`,
      "Put the labels of these images beside them.",
    );
  }
  return {
    count: count!,
    height: height!,
    width: width!,
    pixels: greyOf(values, shape, imagesFile),
    labels: labels?.values,
    source: imagesFile,
  };
}

/** Names of image files: MNIST's `train-images-idx3-ubyte`, EMNIST's `emnist-digits-test-images-idx3-ubyte.gz`. */
const imagesName = /^(?<set>.*-)?(?<part>train|t10k|test)-images[-.]idx3-ubyte(\.gz)?$/i;

/** Labels that belong to a file of images, among some names; either may be compressed or have its dot. */
function labelsOf(images: string, names: readonly string[]): string | undefined {
  const stem = images.replace(/images[-.]idx3-ubyte(\.gz)?$/i, "");
  return names.find(
    (name) =>
      name.startsWith(stem) && /^labels[-.]idx1-ubyte(\.gz)?$/i.test(name.slice(stem.length)),
  );
}

/** Files of a folder, and those in folders of their own name, as Kaggle's archives unpack them. */
async function filesByName(
  folder: string,
  { files, folders }: Listing,
): Promise<Map<string, string>> {
  const found = new Map(files.map((name) => [name, join(folder, name)]));
  for (const name of folders) {
    if (!/-ubyte$/i.test(name) || found.has(name)) continue;
    const { files } = await listFolder(join(folder, name));
    if (files.includes(name)) found.set(name, join(folder, name, name));
  }
  return found;
}

/**
 * One part of a folder's IDX files, with labels where they are beside it.
 *
 * @returns undefined when the folder has no IDX file of images
 * @throws not-found when it has the other part only; invalid-value when it has several data sets; bad-file, unsupported
 */
export async function findIdxImages(
  folder: string,
  part: Part,
  options?: WorkOptions,
): Promise<ImageSet | undefined> {
  const found = await filesByName(folder, await listFolder(folder));
  const names = [...found.keys()];
  const images = names.filter((name) => imagesName.test(name));
  if (images.length === 0) return undefined;
  const isPart = (name: string) =>
    (imagesName.exec(name)!.groups!.part === "train") === (part === "train");
  const wanted = images.filter(isPart);
  if (wanted.length === 0) {
    throw notFound(`${part} part in ${folder}`, `Its files of images are ${images.join(", ")}.`);
  }
  const sets = [...new Set(wanted.map((name) => imagesName.exec(name)!.groups!.set ?? ""))];
  if (sets.length > 1) {
    throw new LangevinError(
      "invalid-value",
      `${folder} holds ${sets.length} data sets: ${wanted.join(", ")}.`,
      "Name one of these files.",
    );
  }
  const [name] = wanted as [string];
  const labels = labelsOf(name, names);
  const set = await readImages(found.get(name)!, labels && found.get(labels), options);
  return { ...set, source: folder };
}

/**
 * Reads a file of images, with the labels beside it where there is a file of that name.
 *
 * @throws not-found, bad-file, unsupported, unavailable (the system refuses to read it), aborted
 */
export async function readIdxImages(file: string, options?: WorkOptions): Promise<ImageSet> {
  const folder = dirname(file);
  const labels = labelsOf(basename(file), (await listFolder(folder)).files);
  return readImages(file, labels && join(folder, labels), options);
}

/**
 * Reads one part of MNIST, Fashion-MNIST, EMNIST or a data set of their kind from a folder with
 * `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-…`, plain or with `.gz`.
 *
 * @throws not-found, bad-file, unsupported, unavailable (the system refuses to read it), aborted; invalid-value
 */
export async function readIdxFolder(
  folder: string,
  part: Part,
  options?: WorkOptions,
): Promise<ImageSet> {
  const set = await findIdxImages(folder, part, options);
  if (set) return set;
  const file = join(folder, `${part === "train" ? "train" : "t10k"}-images-idx3-ubyte`);
  const there = describeListing(await listFolder(folder));
  throw notFound(`file ${file}`, `The folder holds ${there}.`);
}
