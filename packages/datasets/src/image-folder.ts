// Folders of PNG and JPEG files: images of one size, in the folder itself or in one folder for every label.
import { basename, join } from "node:path";
import { LangevinError, type WorkOptions } from "@neural-langevin/core";
import { badFile, type ImageSet } from "./data-set.js";
import { describeListing, type Listing, listFolder, notFound, readWholeFile } from "./disk.js";
import { recognizeFormat } from "./format.js";
import { greyOf } from "./grey.js";
import type { Part } from "./idx-files.js";
import { parseJpeg } from "./jpeg.js";
import { type GreyImage, parsePng } from "./png.js";
import { startWork } from "./work.js";

const isImage = (name: string) => /\.(png|jpe?g|jfif)$/i.test(name);
const isOtherImage = (name: string) =>
  /\.(gif|bmp|webp|tiff?|avif|heic|jxl|jp2|p[gnp]m)$/i.test(name);

/** Most pixels of a folder: as many bytes fit into one array everywhere. */
const MOST_PIXELS = 2 ** 32;

/** Names of folders that hold a part of a data set. */
const partFolders = { train: ["train", "training"], test: ["test", "testing", "t10k"] } as const;

interface LabelledFile {
  readonly file: string;
  readonly label: number | undefined;
}

/**
 * Reads a folder of PNG and JPEG files of one size, in the natural order of their names. In place of files it may have one folder
 * for every label, all named by numbers from 0 to 255 or all by words, which are numbered in their order; and in place
 * of those, the folders `train` and `test` with either in them.
 *
 * @throws not-found, also for a part that is not there; bad-file, also where other images would be left out; unsupported
 */
export async function readImageFolder(
  folder: string,
  part: Part,
  options: WorkOptions = {},
): Promise<ImageSet> {
  const root = await partOf(folder, part);
  const { files, classes } = await findImages(root);
  const work = startWork(options, "reading", files.length, "images");
  const first = await readImage(files[0]!.file);
  const { width, height } = first;
  const size = width * height;
  if (files.length * size > MOST_PIXELS) {
    throw new LangevinError(
      "unsupported",
      `${root} has ${files.length} images of ${width} × ${height} pixels, more than fit into memory.`,
      "Scale them down, or take fewer.",
    );
  }
  const levels = new Uint8Array(files.length * size);
  // One after the other, so that only one file is open and one image decoded at a time.
  for (const [index, { file }] of files.entries()) {
    const image = index === 0 ? first : await readImage(file);
    await work.advance(index + 1);
    if (image.width !== width || image.height !== height) {
      throw badFile(
        file,
        `has ${image.width} × ${image.height} pixels, and ${basename(files[0]!.file)} has ` +
          `${width} × ${height}, but all must have one size`,
        "Scale the images to one size.",
      );
    }
    levels.set(image.pixels, index * size);
  }
  const count = files.length;
  const labelled = files[0]!.label !== undefined;
  return {
    width,
    height,
    count,
    pixels: greyOf(levels, [count, height, width], root),
    labels: labelled ? Uint8Array.from(files, ({ label }) => label!) : undefined,
    classes,
    source: root,
  };
}

/** Reads an image by its content, whatever its name says. */
async function readImage(file: string): Promise<GreyImage> {
  const bytes = await readWholeFile(file);
  const found = recognizeFormat(bytes);
  const jpeg = found === "jpeg" || (found !== "png" && !/\.png$/i.test(file));
  return jpeg ? parseJpeg(bytes, file) : parsePng(bytes, file);
}

/** The folder that holds a part: the one named so, or for training the folder itself where none is. */
async function partOf(folder: string, part: Part): Promise<string> {
  const { folders } = await listFolder(folder);
  const find = (part: Part) =>
    folders.find((name) => (partFolders[part] as readonly string[]).includes(name.toLowerCase()));
  const own = find(part);
  if (own !== undefined && find("train") !== undefined) return join(folder, own);
  if (part === "train") return folder;
  throw notFound(
    `test part in ${folder}`,
    "A folder of images has one where it holds the folders train and test.",
  );
}

/** The images of a folder, or of its class folders. */
async function findImages(
  root: string,
): Promise<{ files: readonly LabelledFile[]; classes: readonly string[] | undefined }> {
  const listing = await listFolder(root);
  const own = imagesOf(root, listing);
  const files: LabelledFile[] = own.map((file) => ({ file, label: undefined }));
  const names: string[] = [];
  const byClass: string[][] = [];
  for (const name of listing.folders) {
    const inside = imagesOf(join(root, name), await listFolder(join(root, name)));
    if (inside.length === 0) continue;
    names.push(name);
    byClass.push(inside);
  }
  if (own.length > 0 && names.length > 0) {
    throw badFile(
      root,
      `holds images beside folders of them (${names.join(", ")}), so it is not clear which are meant`,
      "Move the ones or the others somewhere else.",
    );
  }
  if (names.length > 256) {
    throw badFile(
      root,
      `holds ${names.length} folders of images, but there can be 256 labels at most`,
      "Join some of them.",
    );
  }
  const isLabel = (name: string) => /^\d{1,3}$/.test(name) && Number(name) < 256;
  const numbered = names.some(isLabel);
  const odd = names.find((name) => !isLabel(name));
  if (numbered && odd !== undefined) {
    throw badFile(
      root,
      `has a folder ${odd}, which is not a label from 0 to 255 like its other folders`,
      "Rename it.",
    );
  }
  byClass.forEach((inside, index) => {
    const label = numbered ? Number(names[index]) : index;
    for (const file of inside) files.push({ file, label });
  });
  if (files.length === 0) {
    throw notFound(`PNG or JPEG file in ${root}`, `The folder holds ${describeListing(listing)}.`);
  }
  return { files, classes: names.length > 0 && !numbered ? names : undefined };
}

/** Paths of a folder's images; those of other formats are refused, for they would be left out. */
function imagesOf(folder: string, listing: Listing): string[] {
  const images = listing.files.filter(isImage);
  const others = listing.files.filter(isOtherImage);
  if (others.length > 0) {
    const there = describeListing({ files: [...images, ...others], folders: [] });
    throw badFile(
      folder,
      `holds ${there}, but only PNG and JPEG images can be read`,
      "Convert the others to PNG, or move them to another folder.",
    );
  }
  return images.map((name) => join(folder, name));
}
