// PNG images of any kind as grey levels. Written here, because a reader is wanted that runs at once in browsers too,
// checks every checksum that pixels depend on, and never inflates more than the header's size.
import { LangevinError } from "@neural-langevin/core";
import { concatenate } from "@neural-langevin/core/backend";
import { adler32, crc32 } from "./checksum.js";
import { badFile } from "./data-set.js";
import { recognizeFormat, wrongFormat } from "./format.js";
import { inflateExactly } from "./inflate.js";

/** One grey image. */
export interface GreyImage {
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
  /** 0 is black, 255 white; shape [height][width]. */
  readonly pixels: Uint8Array;
}

/** Most pixels of one image. */
export const MOST_PIXELS = 4096 * 4096;

/** Colour types: samples a pixel, and the bits that a sample may have. */
const colourTypes: Readonly<Record<number, { channels: number; depths: readonly number[] }>> = {
  0: { channels: 1, depths: [1, 2, 4, 8, 16] },
  2: { channels: 3, depths: [8, 16] },
  3: { channels: 1, depths: [1, 2, 4, 8] },
  4: { channels: 2, depths: [8, 16] },
  6: { channels: 4, depths: [8, 16] },
};
const INDEXED = 3;

/** Interlacing: the first column and row of each pass, and the steps between its columns and rows. */
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;
const wholeImage = [[0, 0, 1, 1]] as const;

interface Header {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample. */
  readonly depth: number;
  readonly colourType: number;
  readonly channels: number;
  readonly interlaced: boolean;
}

interface Chunks {
  readonly header: Header;
  readonly palette: Uint8Array | undefined;
  readonly transparency: Uint8Array | undefined;
  /** The zlib stream of all pixels. */
  readonly data: Uint8Array;
}

type Bad = (problem: string) => LangevinError;

/**
 * Reads a PNG file (ISO/IEC 15948): colour becomes its luma (Rec. 601), 16 bits become 8, and what is transparent lies
 * on black. An index beyond the palette is black. Chunks that do not decide pixels are not looked at.
 *
 * @throws bad-file, also where a checksum does not fit; unsupported (more than 4096 × 4096 pixels)
 */
export function parsePng(bytes: Uint8Array, name: string): GreyImage {
  if (recognizeFormat(bytes) !== "png") throw wrongFormat(bytes, name, "a PNG file");
  const bad: Bad = (problem) => badFile(name, `is a damaged PNG file: ${problem}`);
  const { header, palette, transparency, data } = readChunks(bytes, name, bad);
  const { width, height, channels, depth } = header;
  const passes = (header.interlaced ? adam7 : wholeImage).map(([left, top, across, down]) => {
    const columns = Math.ceil((width - left) / across);
    const rows = columns > 0 ? Math.ceil((height - top) / down) : 0;
    const rowBytes = Math.ceil((columns * channels * depth) / 8);
    return { left, top, across, down, columns, rows, rowBytes, size: rows * (rowBytes + 1) };
  });
  const size = passes.reduce((sum, pass) => sum + pass.size, 0);
  const content = inflateZlib(data, size, bad);
  const levelOf = levelReader(header, palette, transparency);
  const pixels = new Uint8Array(width * height);
  let start = 0;
  for (const pass of passes) {
    const { rows, columns, rowBytes } = pass;
    const part = content.subarray(start, start + pass.size);
    start += pass.size;
    unfilter(part, rows, rowBytes, Math.ceil((channels * depth) / 8), bad);
    for (let row = 0; row < rows; row++) {
      const line = part.subarray(row * (rowBytes + 1) + 1, (row + 1) * (rowBytes + 1));
      const place = (pass.top + row * pass.down) * width + pass.left;
      for (let column = 0; column < columns; column++) {
        pixels[place + column * pass.across] = levelOf(line, column);
      }
    }
  }
  return { width, height, pixels };
}

function readChunks(bytes: Uint8Array, name: string, bad: Bad): Chunks {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header: Header | undefined;
  let palette: Uint8Array | undefined;
  let transparency: Uint8Array | undefined;
  const data: Uint8Array[] = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const end = at + 8 + length;
    if (type === "IEND") break;
    if (!/^[A-Za-z]{4}$/.test(type)) throw bad(`there is no chunk at byte ${at}`);
    if (["IHDR", "PLTE", "IDAT", "tRNS"].includes(type)) {
      if (end + 4 > bytes.length) throw bad(`it ends within its chunk ${type}`);
      const content = bytes.subarray(at + 8, end);
      // Sizes first: a claim that is too large has its own code, whether its checksum fits or not.
      if (type === "IHDR") header = readHeader(content, name, bad);
      if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) {
        throw bad(`its chunk ${type} does not fit its checksum`);
      }
      if (type === "PLTE") palette = content;
      if (type === "tRNS") transparency = content;
      if (type === "IDAT") data.push(content);
    } else if ((bytes[at + 4]! & 0x20) === 0) {
      throw new LangevinError(
        "unsupported",
        `${name} has a chunk ${type}, without which it cannot be shown and which is not known.`,
        "Save it anew as PNG with another program.",
      );
    }
    at = end + 4;
  }
  if (!header) throw bad("it has no header");
  if (data.length === 0) throw bad("it has no pixels");
  if (header.colourType === INDEXED && !palette) throw bad("its palette is missing");
  return {
    header,
    palette,
    transparency,
    data: data.length === 1 ? data[0]! : concatenate(Uint8Array, data),
  };
}

function readHeader(content: Uint8Array, name: string, bad: Bad): Header {
  if (content.length !== 13) throw bad("its header does not have 13 bytes");
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  if (width * height > MOST_PIXELS) {
    throw new LangevinError(
      "unsupported",
      `${name} claims ${width} × ${height} pixels, more than can be read.`,
      "Scale it down.",
    );
  }
  if (width === 0 || height === 0) throw bad(`it claims ${width} × ${height} pixels`);
  const [depth, colourType, compression, filter, interlace] = content.subarray(8);
  const kind = colourTypes[colourType!];
  if (!kind?.depths.includes(depth!)) {
    throw bad(`it claims the colour type ${colourType} with ${depth} bits`);
  }
  if (compression !== 0 || filter !== 0 || interlace! > 1) {
    throw bad(`it claims the methods ${compression}, ${filter} and ${interlace}`);
  }
  const { channels } = kind;
  return {
    width,
    height,
    depth: depth!,
    colourType: colourType!,
    channels,
    interlaced: !!interlace,
  };
}

/** The content of a zlib stream (RFC 1950) of known size. */
function inflateZlib(stream: Uint8Array, size: number, bad: Bad): Uint8Array {
  const [method = 0, flags = 0] = stream;
  if (stream.length < 6 || (method & 15) !== 8 || (256 * method + flags) % 31 || flags & 32) {
    throw bad("its pixels are not a zlib stream");
  }
  const content = inflateExactly(stream.subarray(2, -4), size, (problem) =>
    bad(`its compressed data ${problem}`),
  );
  const sum = new DataView(stream.buffer, stream.byteOffset + stream.length - 4).getUint32(0);
  if (adler32(content) !== sum) throw bad("its pixels do not fit their checksum");
  return content;
}

/**
 * Undoes the filters of rows in place: each row is a filter's number and its bytes, as differences from the bytes to
 * the left (a pixel before), above, and above left.
 */
function unfilter(part: Uint8Array, rows: number, rowBytes: number, pixel: number, bad: Bad): void {
  for (let row = 0; row < rows; row++) {
    const start = row * (rowBytes + 1) + 1;
    const above = row === 0 ? undefined : start - rowBytes - 1;
    const filter = part[start - 1]!;
    if (filter > 4) throw bad(`its row ${row} has the filter ${filter}`);
    if (filter === 0) continue;
    for (let at = 0; at < rowBytes; at++) {
      const a = at < pixel ? 0 : part[start + at - pixel]!;
      const b = above === undefined ? 0 : part[above + at]!;
      let predicted = a;
      if (filter === 2) predicted = b;
      else if (filter === 3) predicted = (a + b) >> 1;
      else if (filter === 4) {
        const c = above === undefined || at < pixel ? 0 : part[above + at - pixel]!;
        const [toA, toB, toC] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
        predicted = toA <= toB && toA <= toC ? a : toB <= toC ? b : c;
      }
      part[start + at]! += predicted;
    }
  }
}

/** How the grey level of a pixel is found in a row. */
function levelReader(
  { depth, colourType, channels }: Header,
  palette: Uint8Array | undefined,
  transparency: Uint8Array | undefined,
): (line: Uint8Array, column: number) => number {
  const full = 2 ** depth - 1;
  const sample = (line: Uint8Array, at: number): number => {
    if (depth === 8) return line[at]!;
    if (depth === 16) return 256 * line[2 * at]! + line[2 * at + 1]!;
    const bit = at * depth;
    return (line[bit >> 3]! >> (8 - depth - (bit & 7))) & full;
  };
  if (colourType === INDEXED) {
    const levels = Uint8Array.from({ length: 256 }, (_, index) => {
      const [red, green, blue] = palette!.subarray(3 * index, 3 * index + 3);
      const alpha = transparency?.[index] ?? 255;
      return blue === undefined
        ? 0
        : level(luma(red! / 255, green! / 255, blue / 255) * (alpha / 255));
    });
    return (line, column) => levels[sample(line, column)]!;
  }
  // Where there is no alpha, one value of a pixel's samples may be called transparent.
  const hasAlpha = channels === 2 || channels === 4;
  const transparent =
    !hasAlpha && transparency?.length === 2 * channels
      ? Array.from({ length: channels }, (_, at) => sampleOf16(transparency, at) & full)
      : undefined;
  if (channels === 1 && depth <= 8) {
    const levels = Uint8Array.from({ length: full + 1 }, (_, value) =>
      value === transparent?.[0] ? 0 : level(value / full),
    );
    return (line, column) => levels[sample(line, column)]!;
  }
  return (line, column) => {
    const at = column * channels;
    if (transparent?.every((value, channel) => value === sample(line, at + channel))) return 0;
    const alpha = hasAlpha ? sample(line, at + channels - 1) / full : 1;
    const first = sample(line, at) / full;
    if (channels < 3) return level(first * alpha);
    return level(luma(first, sample(line, at + 1) / full, sample(line, at + 2) / full) * alpha);
  };
}

const sampleOf16 = (bytes: Uint8Array, at: number): number =>
  256 * bytes[2 * at]! + bytes[2 * at + 1]!;

const level = (grey: number): number => Math.round(255 * grey);

/** The luma of Rec. 601. */
const luma = (red: number, green: number, blue: number): number =>
  0.299 * red + 0.587 * green + 0.114 * blue;
