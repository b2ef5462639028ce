// Images of one's own: PNG files or an NPY array, as a set that a machine can learn.
import { LangevinError } from "@neural-langevin/core";
import {
  type GreyImage,
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

/**
 * Reads images. PNGs of one size up to 1024 pixels stay as they are; others are scaled to 28 × 28.
 *
 * @throws bad-file, unsupported
 */
export async function openImages(files: readonly NamedFile[]): Promise<ImageSet> {
  const [first] = files;
  const name = nameOf(first?.path ?? "");
  if (first && files.length === 1 && name.toLowerCase().endsWith(".npy")) {
    const set = imagesFromNpy(parseNpy(await first.bytes(), name), name);
    requireContrast(set);
    if (set.width * set.height <= LARGEST) return set;
    throw new LangevinError(
      "unsupported",
      `${name} has images of ${set.width} × ${set.height} pixels, and the lab learns at most ${LARGEST}.`,
      "Train larger ones with `nlm train`.",
    );
  }
  const images: GreyImage[] = [];
  for (const file of files) images.push(parsePng(await file.bytes(), nameOf(file.path)));
  const { width, height } = images[0]!;
  const fits = width * height <= LARGEST;
  const equal = images.every((image) => image.width === width && image.height === height);
  const taken = fits && equal ? images : await Promise.all(images.map(scaled));
  const size = taken[0]!.width * taken[0]!.height;
  const pixels = new Uint8Array(size * taken.length);
  taken.forEach((image, at) => {
    pixels.set(image.pixels, at * size);
  });
  return {
    width: taken[0]!.width,
    height: taken[0]!.height,
    count: taken.length,
    pixels,
    labels: undefined,
    source: taken.length === 1 ? name : `${taken.length} images`,
  };
}

/** An image scaled into a square, by the browser. */
async function scaled({ width, height, pixels }: GreyImage): Promise<GreyImage> {
  const colours = new ImageData(width, height);
  pixels.forEach((level, at) => {
    colours.data.set([level, level, level, 255], 4 * at);
  });
  const bitmap = await createImageBitmap(colours, {
    resizeWidth: SIDE,
    resizeHeight: SIDE,
    resizeQuality: "high",
  });
  const context = new OffscreenCanvas(SIDE, SIDE).getContext("2d")!;
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, SIDE, SIDE);
  const grey = Uint8Array.from({ length: SIDE * SIDE }, (_, at) => data[4 * at]!);
  return { width: SIDE, height: SIDE, pixels: grey };
}
