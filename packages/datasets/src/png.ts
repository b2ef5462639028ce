// PNG images of any kind as grey levels.
import { LangevinError } from "@neural-langevin/core";
import { decode } from "fast-png";
import { badFile } from "./image-set.js";

/** One grey image. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  /** 0 is black, 255 white; shape [height][width]. */
  readonly pixels: Uint8Array;
}

const MOST_PIXELS = 4096 * 4096;

/**
 * Reads a PNG file: colour becomes its luma (Rec. 601), and what is transparent lies on black.
 *
 * @throws bad-file, unsupported (more than 4096 × 4096 pixels)
 */
export function parsePng(bytes: Uint8Array, name: string): GreyImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 33 || view.getUint32(0) !== 0x89504e47)
    throw badFile(name, "is not a PNG file");
  const [claimedWidth, claimedHeight] = [view.getUint32(16), view.getUint32(20)];
  if (claimedWidth * claimedHeight > MOST_PIXELS) {
    throw new LangevinError(
      "unsupported",
      `${name} claims ${claimedWidth} × ${claimedHeight} pixels, more than can be read.`,
    );
  }
  let image: ReturnType<typeof decode>;
  try {
    image = decode(bytes);
  } catch (error) {
    throw badFile(name, `is a damaged PNG file (${(error as Error).message})`);
  }
  const { width, height, palette } = image;
  const pixels = new Uint8Array(width * height);
  const full = 2 ** image.depth - 1;
  const { channels, data } = image;
  const bits = image.depth < 8 ? unpack(image) : data;
  for (let at = 0; at < pixels.length; at++) {
    const colour = palette
      ? palette[bits[at]!]!.map((value) => value / 255)
      : Array.from({ length: channels }, (_, channel) => bits[at * channels + channel]! / full);
    pixels[at] = Math.round(255 * grey(colour));
  }
  return { width, height, pixels };
}

/** The luma of grey, grey and alpha, RGB, or RGB and alpha, in [0, 1], on black. */
function grey(colour: readonly number[]): number {
  const hasColour = colour.length >= 3;
  const luma = hasColour
    ? 0.299 * colour[0]! + 0.587 * colour[1]! + 0.114 * colour[2]!
    : colour[0]!;
  const alpha = colour.length === 2 ? colour[1]! : colour.length === 4 ? colour[3]! : 1;
  return luma * alpha;
}

/** Values of fewer than 8 bits, which stand packed in rows of whole bytes. */
function unpack({ data, width, height, depth }: ReturnType<typeof decode>): Uint8Array {
  const rowBytes = Math.ceil((width * depth) / 8);
  return Uint8Array.from({ length: width * height }, (_, at) => {
    const bit = (at % width) * depth;
    const byte = data[Math.floor(at / width) * rowBytes + (bit >> 3)]!;
    return (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
  });
}
