// JPEG images as grey levels. Their pixels come from image-in-browser, which is loaded when the first one is read; what
// it does not look at is looked at here: the size before anything is allocated, and the end of the file.
import { LangevinError } from "@neural-langevin/core";
import { badFile } from "./data-set.js";
import { recognizeFormat, wrongFormat } from "./format.js";
import { type GreyImage, MOST_PIXELS } from "./png.js";

/** Width and height of the blocks of a plane, each of which takes a bit of the file at least. */
const BLOCK = 8;
/** Planes of an image: one of grey, three of colour, four of printing. */
const MOST_PLANES = 4;

/**
 * Reads a JPEG image: baseline or progressive, grey or of any colour, turned as its EXIF orientation says. Colour becomes
 * its luma.
 *
 * @throws bad-file, also where it is too short for its size; unsupported (more than 4096 × 4096 pixels)
 */
export async function parseJpeg(bytes: Uint8Array, name: string): Promise<GreyImage> {
  if (recognizeFormat(bytes) !== "jpeg") throw wrongFormat(bytes, name, "a JPEG image");
  requireWhole(bytes, name);
  const { decodeJpg } = await import("image-in-browser");
  let image: ReturnType<typeof decodeJpg>;
  try {
    image = decodeJpg({ data: bytes });
  } catch (error) {
    throw badFile(name, `is a damaged JPEG image (${(error as Error).message})`);
  }
  if (!image) throw badFile(name, "is a damaged JPEG image");
  const { width, height, numChannels } = image;
  const samples = image.getBytes();
  const pixels = new Uint8Array(width * height);
  // Images of fewer channels than three repeat the last one.
  const [green, blue] = [Math.min(1, numChannels - 1), Math.min(2, numChannels - 1)];
  for (let at = 0; at < pixels.length; at++) {
    const first = at * numChannels;
    // The luma of Rec. 601.
    pixels[at] = Math.round(
      0.299 * samples[first]! + 0.587 * samples[first + green]! + 0.114 * samples[first + blue]!,
    );
  }
  return { width, height, pixels };
}

/** Refuses a JPEG file that is cut short, or larger than fits. */
function requireWhole(bytes: Uint8Array, name: string): void {
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
  for (let at = 2; at + 9 < bytes.length; at += 2 + view.getUint16(at + 2)) {
    const marker = bytes[at + 1]!;
    if (bytes[at] !== 0xff) break;
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
    if (blocks <= 8 * bytes.length) return;
    throw badFile(
      name,
      `is a damaged JPEG image: ${bytes.length} bytes cannot hold ${width} × ${height} pixels`,
    );
  }
  throw badFile(name, "is a damaged JPEG image: its size is missing");
}
