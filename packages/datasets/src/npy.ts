// NumPy's NPY format: a Python dictionary as header, then the values in C or Fortran order.
import { LangevinError } from "@neural-langevin/core";
import { badFile } from "./data-set.js";
import { wrongFormat } from "./format.js";
import type { Numbers } from "./grey.js";
import { bytesOfType, readNumbers } from "./numbers.js";

/** An array from an NPY file, in C (row-major) order. */
export interface NpyArray {
  /** Sizes of the axes, the slowest first; [] of a single number. */
  readonly shape: readonly number[];
  /**
   * An array of the file's number type. JavaScript lacks some: bool becomes 0 and 1 in bytes, float16 becomes float32,
   * and int64 and uint64 become int32 where every value fits, else float64.
   */
  readonly values: Numbers;
}

/** What to do with words. */
const numberText = "Number its words, as numpy.unique(words, return_inverse=True)[1] does.";

/** What cannot be read, by NumPy's letter. */
const otherKinds: Readonly<Record<string, readonly [kind: string, remedy?: string]>> = {
  c: ["complex numbers", "Save its real and imaginary parts, or its magnitude."],
  S: ["text", numberText],
  a: ["text", numberText],
  U: ["text", numberText],
  O: ["Python objects", "Save arrays of numbers, such as those that the objects hold."],
  V: ["records", "Save its fields as arrays."],
  M: ["dates"],
  m: ["durations"],
};

/**
 * Reads an NPY file of versions 1 to 3: booleans, whole numbers and floats up to 64 bits, in C or Fortran order, little
 * or big endian. Values may share the memory of `bytes`.
 *
 * @param name the file's name, for errors
 * @throws bad-file, unsupported (another number type, or 64-bit integers that float64 cannot hold)
 */
export function parseNpy(bytes: Uint8Array, name: string): NpyArray {
  const { start, type, bigEndian, fortran, shape } = parseNpyHeader(bytes, bytes.length, name);
  const values = readNumbers(bytes.subarray(start), type, bigEndian, name);
  return { shape, values: fortran ? toRowMajor(values, shape) : values };
}

/** Bytes that begin an NPY file and say how long its header is. */
export const NPY_START = 12;

/** How many bytes the header of an NPY file takes with what is before it, as its first `NPY_START` bytes say; throws as `parseNpy`. */
export function npyHeaderLength(bytes: Uint8Array, name: string): number {
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  if (bytes.length < NPY_START || magic.some((byte, at) => bytes[at] !== byte)) {
    throw wrongFormat(bytes, name, "an NPY file");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return bytes[6]! >= 2 ? 12 + view.getUint32(8, true) : 10 + view.getUint16(8, true);
}

/** How the numbers of an array lie in a file. */
export interface ArrayLayout {
  /** Sizes of the axes, the slowest first in C order. */
  readonly shape: readonly number[];
  /** The number type by NumPy's name, as "f4". */
  readonly type: string;
  readonly bigEndian: boolean;
  /** Whether the first index runs fastest, and not the last. */
  readonly fortran: boolean;
}

/**
 * The header of an NPY file, held against the size of the file.
 *
 * @param bytes the whole header at least
 * @param length bytes of the file
 * @returns the layout, and where the values start
 * @throws as `parseNpy`
 */
export function parseNpyHeader(
  bytes: Uint8Array,
  length: number,
  name: string,
): ArrayLayout & { readonly start: number } {
  const start = npyHeaderLength(bytes, name);
  if (start > length) {
    throw badFile(name, `has a header of ${start} bytes, but only ${length} were found`);
  }
  const first = bytes[6]! >= 2 ? 12 : 10;
  const header = parseHeader(bytes.subarray(first, start), name);
  const { type, shape } = header;
  const size = shape.reduce((product, one) => product * one, bytesOfType(type));
  if (size === 0)
    throw badFile(
      name,
      `is empty: its shape is (${shape.join(", ")})`,
      "Name an array with numbers.",
    );
  if (size !== length - start) {
    throw badFile(
      name,
      `claims the shape (${shape.join(", ")}), so ${size} bytes of values are expected, ` +
        `but ${length - start} were found`,
    );
  }
  return { ...header, start };
}

/** The header as NumPy and others write it: with either quote, in any order, sizes as Python 2 wrote them (6L) too. */
function parseHeader(bytes: Uint8Array, name: string): ArrayLayout {
  const header = new TextDecoder().decode(bytes);
  const descr = /['"]descr['"]\s*:\s*(?:['"]([^'"]*)['"]|[[(])/.exec(header);
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(header)?.[1];
  const sizes = /['"]shape['"]\s*:\s*\(([\dL,\s]*)\)/.exec(header)?.[1];
  if (!descr || order === undefined || sizes === undefined) {
    throw badFile(name, "has a header without descr, fortran_order and shape");
  }
  const [, given = "V"] = descr;
  const parts = /^([<>=|]?)(?:(\?)|([a-zA-Z])(\d*))/.exec(given);
  const type = parts?.[2] ? "b1" : `${parts?.[3] ?? ""}${parts?.[4] ?? ""}`;
  if (!/^(b1|[iu][1248]|f[248])$/.test(type)) {
    const [kind, remedy] = otherKinds[type[0] ?? ""] ?? [];
    throw new LangevinError(
      "unsupported",
      `${name} holds values of type ${given}${kind ? ` (${kind})` : ""}, ` +
        "but only real numbers of up to 64 bits can be read.",
      remedy ?? "Convert it with numpy.ndarray.astype.",
    );
  }
  const shape = sizes
    .split(",")
    .flatMap((size) => (size.trim() ? [Number.parseInt(size, 10)] : []));
  return { type, bigEndian: parts![1] === ">", fortran: order === "True", shape };
}

/** NumPy's names of the types that are written. */
const written = [
  ["|i1", Int8Array],
  ["|u1", Uint8Array],
  ["<i2", Int16Array],
  ["<u2", Uint16Array],
  ["<i4", Int32Array],
  ["<u4", Uint32Array],
  ["<f4", Float32Array],
  ["<f8", Float64Array],
] as const;

/** The bytes of an NPY file in C order. */
export function encodeNpy(values: Numbers, shape: readonly number[]): Uint8Array {
  const [type] = written.find(([, kind]) => values instanceof kind)!;
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

/** Values whose first index runs fastest, turned so that the last one does. */
function toRowMajor<T extends Numbers>(values: T, shape: readonly number[]): T {
  const result = values.slice() as T;
  const strides = shape.map((_, axis) => {
    return shape.slice(0, axis).reduce((product, size) => product * size, 1);
  });
  const [columns = 1, stride = 1] = [shape.at(-1), strides.at(-1)];
  const index = shape.map(() => 0);
  for (let row = 0; row < values.length; row += columns) {
    const start = index.reduce((place, at, axis) => place + at * strides[axis]!, 0);
    for (let at = 0; at < columns; at++) result[row + at] = values[start + at * stride]!;
    for (let axis = shape.length - 2; axis >= 0 && ++index[axis]! === shape[axis]; axis--) {
      index[axis] = 0;
    }
  }
  return result;
}
