// NumPy's NPY format: a Python dictionary as header, then the values in C or Fortran order.
import { LangevinError } from "@neural-langevin/core";
import { badFile, type ImageSet } from "./image-set.js";

const kinds = { u1: Uint8Array, i4: Int32Array, f4: Float32Array, f8: Float64Array } as const;
const readable = ["|u1", "<i4", ">i4", "<f4", ">f4", "<f8", ">f8"];

/** An array from an NPY file, in C (row-major) order and this machine's byte order. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly values: Uint8Array | Int32Array | Float32Array | Float64Array;
}

/**
 * Reads an NPY file of versions 1 to 3, in C or Fortran order, little or big endian.
 *
 * @throws bad-file, unsupported (another number type)
 */
export function parseNpy(bytes: Uint8Array, name: string): NpyArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  if (bytes.length < 12 || magic.some((byte, at) => bytes[at] !== byte)) {
    throw badFile(name, `is not an NPY file (${bytes.length} bytes)`);
  }
  const wide = bytes[6]! >= 2;
  const start = wide ? 12 : 10;
  const end = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  if (end > bytes.length) {
    throw badFile(name, `has a header of ${end} bytes, but only ${bytes.length} were found`);
  }
  const header = new TextDecoder().decode(bytes.subarray(start, end));
  const type = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const sizes = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  if (type === undefined || order === undefined || sizes === undefined) {
    throw badFile(name, "has a header without descr, fortran_order and shape");
  }
  if (!readable.includes(type)) {
    throw new LangevinError(
      "unsupported",
      `${name} holds values of type ${type}, and only ${readable.join(", ")} can be read.`,
      "Convert it with numpy.ndarray.astype.",
    );
  }
  const shape = sizes.split(",").flatMap((size) => (size.trim() ? [Number(size)] : []));
  const kind = kinds[type.slice(1) as keyof typeof kinds];
  const size = shape.reduce((a, b) => a * b, kind.BYTES_PER_ELEMENT);
  const found = bytes.length - end;
  if (size === 0) throw badFile(name, `is empty: its shape is (${shape.join(", ")})`);
  if (size !== found) {
    throw badFile(
      name,
      `claims the shape (${shape.join(", ")}), so ${size} bytes of values are expected, ` +
        `but ${found} were found`,
    );
  }
  const content = new Uint8Array(bytes.subarray(end));
  if (type[0] === ">") reverseEach(content, kind.BYTES_PER_ELEMENT);
  const values = new kind(content.buffer);
  return { shape, values: order === "True" ? toRowMajor(values, shape) : values };
}

/** The bytes of an NPY file in C order. */
export function encodeNpy(values: NpyArray["values"], shape: readonly number[]): Uint8Array {
  const kind = Object.entries(kinds).find(([, kind]) => values instanceof kind)![0];
  const type = `${kind === "u1" ? "|" : "<"}${kind}`;
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64;
  const header = `${text.padEnd(length - 11)}\n`;
  const bytes = new Uint8Array(length + values.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, header.length, true);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), length);
  return bytes;
}

/**
 * Images from an array of shape [P][H][W], or [P][N] with square N: bytes are grey levels, floats lie in
 * [0, 1].
 *
 * @throws bad-file
 */
export function imagesFromNpy({ shape, values }: NpyArray, name: string): ImageSet {
  const side = Math.sqrt(shape.at(-1)!);
  const [count, height, width] = shape.length === 2 ? [shape[0]!, side, side] : shape;
  if (shape.length < 2 || shape.length > 3 || !Number.isInteger(height)) {
    throw badFile(
      name,
      `has the shape (${shape.join(", ")}), where images are (count, height, width) ` +
        "or (count, pixels of a square)",
    );
  }
  let pixels: Uint8Array;
  if (values instanceof Uint8Array) pixels = values;
  else {
    const place = values.findIndex((value) => !(value >= 0 && value <= 1));
    if (place >= 0) {
      throw badFile(name, `must hold bytes or floats from 0 to 1, but has ${values[place]}`);
    }
    pixels = Uint8Array.from(values, (value) => Math.round(255 * value));
  }
  return { count: count!, height: height!, width: width!, pixels, labels: undefined, source: name };
}

/** Turns big-endian numbers of `size` bytes into little-endian ones, in place. */
function reverseEach(bytes: Uint8Array, size: number): void {
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}

/** Values whose first index runs fastest, turned so that the last one does. */
function toRowMajor<T extends NpyArray["values"]>(values: T, shape: readonly number[]): T {
  const result = values.slice() as T;
  const index = shape.map(() => 0);
  for (let from = 0; from < values.length; from++) {
    const to = index.reduce((place, at, axis) => place * shape[axis]! + at, 0);
    result[to] = values[from]!;
    for (let axis = 0; axis < shape.length && ++index[axis]! === shape[axis]; axis++) {
      index[axis] = 0;
    }
  }
  return result;
}
