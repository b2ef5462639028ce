// JPEG images as grey levels. Their pixels come from jpeg-js, which is loaded when the first one is read; what it does not
// look at is looked at here: the size before anything is allocated, the end of the file, whether three planes are colours
// or luma, and how the camera was held.
import { LangevinError } from "@neural-langevin/core";
import { badFile } from "./data-set.js";
import { recognizeFormat, wrongFormat } from "./format.js";
import { type GreyImage, MOST_PIXELS } from "./png.js";

/** Width and height of the blocks of a plane, each of which takes a bit of the file at least. */
const BLOCK = 8;
/** Planes of an image: one of grey, three of colour, four of printing. */
const MOST_PLANES = 4;
/** More than an image of `MOST_PIXELS` takes. */
const limits = { maxResolutionInMP: 32, maxMemoryUsageInMB: 1024 };

/** What stands before the pixels of a JPEG file. */
interface Header {
  /** Whether three planes are red, green and blue, not luma and chroma. */
  readonly isRgb: boolean;
  /** How the first row and column lie in the picture, from 1 to 8, as EXIF counts. */
  readonly orientation: number;
}

/**
 * Reads a JPEG image: baseline or progressive, grey or of any colour, turned as its EXIF orientation says. Colour becomes
 * its luma.
 *
 * @throws bad-file, also where it is too short for its size; unsupported (more than 4096 × 4096 pixels)
 */
export async function parseJpeg(bytes: Uint8Array, name: string): Promise<GreyImage> {
  if (recognizeFormat(bytes) !== "jpeg") throw wrongFormat(bytes, name, "a JPEG image");
  const { isRgb, orientation } = readHeader(bytes, name);
  const { decode } = (await import("jpeg-js")).default;
  const image = decoded(() =>
    decode(bytes, {
      ...limits,
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      ...(isRgb && { colorTransform: false }),
    }),
  );
  if (image instanceof Error) throw badFile(name, `is a damaged JPEG image (${image.message})`);
  const { width, height, data } = image;
  const pixels = new Uint8Array(width * height);
  for (let at = 0; at < pixels.length; at++) {
    // The luma of Rec. 601.
    pixels[at] = Math.round(
      0.299 * data[3 * at]! + 0.587 * data[3 * at + 1]! + 0.114 * data[3 * at + 2]!,
    );
  }
  return turned({ width, height, pixels }, orientation);
}

function decoded<Image>(decode: () => Image): Image | Error {
  try {
    return decode();
  } catch (error) {
    return error as Error;
  }
}

/** Reads the head of a file, and refuses one that is cut short, or larger than fits. */
function readHeader(bytes: Uint8Array, name: string): Header {
  let end = bytes.length;
  while (end > 2 && bytes[end - 1] === 0) end--;
  if (bytes[end - 2] !== 0xff || bytes[end - 1] !== 0xd9) {
    throw badFile(
      name,
      "is a damaged JPEG image: its end is missing, as when a download stops early",
    );
  }
  // Segments: a marker, and their length; the frame header has the size.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let orientation = 1;
  let transform: number | undefined;
  for (let at = 2; at + 9 < bytes.length; at += 2 + view.getUint16(at + 2)) {
    const marker = bytes[at + 1]!;
    if (bytes[at] !== 0xff) break;
    const segment = bytes.subarray(at + 4, at + 2 + view.getUint16(at + 2));
    if (marker === APP1 && begins(segment, "Exif\0\0")) {
      orientation = orientationOf(segment.subarray(6));
    }
    if (marker === APP14 && begins(segment, "Adobe")) transform = segment[11];
    if (marker < 0xc0 || marker > 0xcf || [0xc4, 0xc8, 0xcc].includes(marker)) continue;
    const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)];
    if (width === 0 || height === 0) throw badFile(name, `has ${width} × ${height} pixels`);
    const planes = bytes[at + 9]!;
    if (planes > MOST_PLANES || view.getUint16(at + 2) !== 8 + 3 * planes) {
      throw badFile(name, `is a damaged JPEG image: it claims ${planes} planes`);
    }
    if (width * height > MOST_PIXELS) {
      throw new LangevinError(
        "unsupported",
        `${name} has ${width} × ${height} pixels, more than are read.`,
        "Scale it down.",
      );
    }
    const blocks = Math.ceil(width / BLOCK) * Math.ceil(height / BLOCK);
    if (blocks > 8 * bytes.length) {
      throw badFile(
        name,
        `is a damaged JPEG image: ${bytes.length} bytes cannot hold ${width} × ${height} pixels`,
      );
    }
    // Where nothing says it, planes with these numbers are colours.
    const numbers = String.fromCharCode(...[6, 9, 12].map((place) => segment[place] ?? 0));
    const isRgb = planes === 3 && (transform === undefined ? numbers === "RGB" : transform === 0);
    return { isRgb, orientation };
  }
  throw badFile(name, "is a damaged JPEG image: its size is missing");
}

const [APP1, APP14] = [0xe1, 0xee];

const begins = (bytes: Uint8Array, text: string): boolean =>
  String.fromCharCode(...bytes.subarray(0, text.length)) === text;

/** The orientation in EXIF data, which are a TIFF file: 1 where they have none, or are damaged. */
function orientationOf(tiff: Uint8Array): number {
  if (tiff.length < 8) return 1;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const little = begins(tiff, "II");
  const entries = view.getUint32(4, little);
  if (entries + 2 > tiff.length) return 1;
  const count = view.getUint16(entries, little);
  for (let at = entries + 2; at + 12 <= tiff.length && at < entries + 2 + 12 * count; at += 12) {
    if (view.getUint16(at, little) !== ORIENTATION) continue;
    const orientation = view.getUint16(at + 8, little);
    return orientation >= 1 && orientation <= 8 ? orientation : 1;
  }
  return 1;
}

const ORIENTATION = 0x0112;

/** A picture as it was seen: EXIF counts mirrored and turned ones from 1, which is as it lies in the file, to 8. */
function turned(image: GreyImage, orientation: number): GreyImage {
  if (orientation === 1) return image;
  const swaps = orientation >= 5;
  const mirrorsX = [2, 3, 7, 8].includes(orientation);
  const mirrorsY = [3, 4, 6, 7].includes(orientation);
  const [width, height] = swaps ? [image.height, image.width] : [image.width, image.height];
  const pixels = new Uint8Array(image.pixels.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [column, row] = swaps ? [y, x] : [x, y];
      const fromX = mirrorsX ? image.width - 1 - column : column;
      const fromY = mirrorsY ? image.height - 1 - row : row;
      pixels[y * width + x] = image.pixels[fromY * image.width + fromX]!;
    }
  }
  return { width, height, pixels };
}
