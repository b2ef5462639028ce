// The IDX format of MNIST and Fashion-MNIST: a magic number, big-endian sizes, then bytes.
import { LangevinError } from "@neural-langevin/core";
import { badFile } from "./data-set.js";
import { wrongFormat } from "./format.js";

/** An array of bytes from an IDX file. */
export interface IdxArray {
  /** Sizes of the one to four axes, the slowest first. */
  readonly shape: readonly number[];
  /** In row-major order. */
  readonly values: Uint8Array;
}

/** Bytes of the longest header that is read: four sizes. */
export const LONGEST_HEADER = 20;

/**
 * Reads the header of an IDX file: shape, and the size that the whole file must have.
 *
 * @throws bad-file, unsupported (values other than unsigned bytes)
 */
export function parseIdxHeader(
  bytes: Uint8Array,
  name: string,
): { shape: number[]; headerSize: number; fileSize: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint16(0) !== 0) throw wrongFormat(bytes, name, "an IDX file");
  const [type, dimensions] = [bytes[2]!, bytes[3]!];
  const headerSize = 4 + 4 * dimensions;
  if (dimensions < 1 || headerSize > LONGEST_HEADER) {
    throw badFile(name, `has ${dimensions} dimensions, where 1 to 4 are expected`);
  }
  if (type !== 8) {
    throw new LangevinError(
      "unsupported",
      `${name} holds values of type ${type}, but only unsigned bytes (8) can be read.`,
      "Save other numbers as NPY.",
    );
  }
  if (bytes.length < headerSize) {
    throw badFile(name, `ends in its header, after ${bytes.length} of ${headerSize} bytes`);
  }
  const shape = Array.from({ length: dimensions }, (_, at) => view.getUint32(4 + 4 * at));
  if (shape.includes(0))
    throw badFile(name, `is empty: its shape is ${shape.join(" × ")}`, "Name a file with samples.");
  return { shape, headerSize, fileSize: shape.reduce((a, b) => a * b, 1) + headerSize };
}

/**
 * Reads an uncompressed IDX file of unsigned bytes. The header's sizes are held against the bytes that
 * are there; nothing is allocated for them.
 *
 * @throws bad-file, unsupported
 */
export function parseIdx(bytes: Uint8Array, name: string): IdxArray {
  const { shape, headerSize, fileSize } = parseIdxHeader(bytes, name);
  if (bytes.length !== fileSize) {
    throw badFile(
      name,
      `claims ${shape.join(" × ")} values, so ${fileSize} bytes are expected, ` +
        `but ${bytes.length} were found`,
    );
  }
  return { shape, values: bytes.subarray(headerSize) };
}

/** The bytes of an IDX file. */
export function encodeIdx({ shape, values }: IdxArray): Uint8Array {
  const headerSize = 4 + 4 * shape.length;
  const bytes = new Uint8Array(headerSize + values.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x0800 + shape.length);
  for (const [at, size] of shape.entries()) view.setUint32(4 + 4 * at, size);
  bytes.set(values, headerSize);
  return bytes;
}
