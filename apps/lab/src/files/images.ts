// Images of one's own: an NPY array, PNG files, or others that the browser decodes, as a set that a machine can learn.
import { LangevinError } from "@neural-langevin/core";
import {
  type GreyImage,
  greyLevels,
  type ImageSet,
  imagesFromNpy,
  parseNpy,
  parsePng,
  requireContrast,
} from "@neural-langevin/datasets";
import { type NamedFile, nameOf } from "./named-file.js";

/** Side of images that are too large, or not all of one size, after they were scaled down. */
const SIDE = 28;
/** Most pixels of an image that is taken as it is. */
const LARGEST = 1024;
/** The endings of image files. */
export const imageEndings: readonly string[] = [".png", ".jpg", ".jpeg", ".webp", ".gif"];

/** Images as they were read, before they are made ready to be learned. */
export interface OwnImages {
  readonly images: readonly GreyImage[];
  readonly name: string;
  /** The same where they came as one set, whose levels may be finer than bytes. */
  readonly set?: ImageSet | undefined;
}

/** How images are made ready. */
export interface Fitting {
  /** Whether black and white change places, as for ink on paper. */
  readonly inverted: boolean;
  /** Whether images that are scaled lose what is beyond their middle square; else all of them is seen, with borders. */
  readonly cropped: boolean;
}

/**
 * Reads images: an NPY array of bytes, or files of pictures. PNG is read bit by bit; JPEG, WebP and the first frame of GIF
 * are read by the browser's own decoder, and their colours become luma (Rec. 601).
 *
 * @throws bad-file, unsupported
 */
export async function readOwnImages(files: readonly NamedFile[]): Promise<OwnImages> {
  const [first] = files;
  const name = nameOf(first?.path ?? "");
  if (first && files.length === 1 && name.toLowerCase().endsWith(".npy")) {
    const set = imagesFromNpy(parseNpy(await first.bytes(), name), name);
    requireContrast(set);
    const { width, height, count, pixels } = set;
    const size = width * height;
    if (size > LARGEST) {
      throw new LangevinError(
        "unsupported",
        `${name} has images of ${width} × ${height} pixels, and the lab learns at most ${LARGEST}.`,
        "Train larger ones with `nlm train`.",
      );
    }
    const levels = greyLevels(pixels);
    const image = (at: number) => levels.subarray(at * size, (at + 1) * size);
    const images = Array.from({ length: count }, (_, at) => ({ width, height, pixels: image(at) }));
    return { images, name, set };
  }
  const images: GreyImage[] = [];
  for (const file of files) images.push(await readPicture(await file.bytes(), nameOf(file.path)));
  return { images, name: images.length === 1 ? name : `${images.length} images` };
}

/** Images as a machine learns them: those of one size up to 1024 pixels as they are, others at 28 × 28. */
export async function fitImages(
  { images, name, set }: OwnImages,
  { inverted, cropped }: Fitting,
): Promise<ImageSet> {
  const { width, height } = images[0]!;
  const fits = width * height <= LARGEST && !(cropped && width !== height);
  if (set && fits && !inverted) return set;
  const equal = images.every((image) => image.width === width && image.height === height);
  const taken =
    fits && equal ? images : await Promise.all(images.map((image) => scaled(image, cropped)));
  const size = taken[0]!.width * taken[0]!.height;
  const pixels = new Uint8Array(size * taken.length);
  taken.forEach((image, at) => {
    pixels.set(inverted ? image.pixels.map((level) => 255 - level) : image.pixels, at * size);
  });
  return {
    width: taken[0]!.width,
    height: taken[0]!.height,
    count: taken.length,
    pixels,
    labels: undefined,
    source: name,
  };
}

async function readPicture(bytes: Uint8Array, name: string): Promise<GreyImage> {
  if (name.toLowerCase().endsWith(".png")) return parsePng(bytes, name);
  const bitmap = await createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>])).catch(() => {
    throw new LangevinError("bad-file", `${name}: the browser cannot read this picture.`);
  });
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d")!;
  // What is transparent lies on black, as in PNG files.
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return greyOfPicture(context.getImageData(0, 0, width, height));
}

/** The luma (Rec. 601) of a picture. */
export function greyOfPicture({ width, height, data }: ImageData): GreyImage {
  const pixels = Uint8Array.from({ length: width * height }, (_, at) =>
    Math.round(0.299 * data[4 * at]! + 0.587 * data[4 * at + 1]! + 0.114 * data[4 * at + 2]!),
  );
  return { width, height, pixels };
}

/** An image scaled into a square, by the browser: its middle, or all of it with borders as bright as most of its edge. */
async function scaled({ width, height, pixels }: GreyImage, cropped: boolean): Promise<GreyImage> {
  const colours = new ImageData(width, height);
  pixels.forEach((level, at) => {
    colours.data.set([level, level, level, 255], 4 * at);
  });
  const side = cropped ? Math.min(width, height) : Math.max(width, height);
  const zoom = SIDE / side;
  const [across, down] = [width, height].map((length) =>
    Math.max(Math.round(zoom * (cropped ? side : length)), 1),
  ) as [number, number];
  const [left, top] = cropped ? [(width - side) / 2, (height - side) / 2].map(Math.floor) : [0, 0];
  const [wide, high] = cropped ? [side, side] : [width, height];
  const bitmap = await createImageBitmap(colours, left!, top!, wide, high, {
    resizeWidth: across,
    resizeHeight: down,
    resizeQuality: "high",
  });
  const context = new OffscreenCanvas(SIDE, SIDE).getContext("2d")!;
  const edge = edgeOf({ width, height, pixels });
  context.fillStyle = `rgb(${edge} ${edge} ${edge})`;
  context.fillRect(0, 0, SIDE, SIDE);
  context.drawImage(bitmap, Math.floor((SIDE - across) / 2), Math.floor((SIDE - down) / 2));
  bitmap.close();
  const { data } = context.getImageData(0, 0, SIDE, SIDE);
  const grey = Uint8Array.from({ length: SIDE * SIDE }, (_, at) => data[4 * at]!);
  return { width: SIDE, height: SIDE, pixels: grey };
}

/** The median level of the pixels at the four edges: what reaches one of them leaves the others as they are. */
function edgeOf({ width, height, pixels }: GreyImage): number {
  const edge = pixels
    .filter((_, at) => {
      const [x, y] = [at % width, Math.floor(at / width)];
      return x === 0 || x === width - 1 || y === 0 || y === height - 1;
    })
    .sort();
  return edge[edge.length >> 1]!;
}
