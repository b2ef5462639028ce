// The safetensors format: a JSON header that names tensors, then their bytes. Reading is strict, because
// a file may come from anywhere: nothing is believed before it has been held against the file's size.
import { LangevinError } from "@neural-langevin/core";

/** The number types that are read and written. */
const types = {
  F32: Float32Array,
  F64: Float64Array,
  I32: Int32Array,
  U8: Uint8Array,
} as const;

type TypeName = keyof typeof types;

/** A tensor: its shape and its values in row-major order. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array | Float64Array | Int32Array | Uint8Array;
}

/** What a safetensors file holds. */
export interface TensorFile {
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** Free text by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The bytes of a safetensors file. Tensors are written in the order of their names' entries. */
export function encodeSafetensors({ tensors, metadata }: TensorFile): Uint8Array {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  let end = 0;
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    if (shape.reduce((product, size) => product * size, 1) !== values.length) {
      throw new LangevinError(
        "wrong-length",
        `Tensor "${name}" has ${values.length} values, which do not fill the shape [${shape}].`,
      );
    }
    const dtype = (Object.keys(types) as TypeName[]).find((type) => values instanceof types[type]);
    header[name] = { dtype, shape, data_offsets: [end, end + values.byteLength] };
    end += values.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, 8, 8 + headerLength);
  bytes.set(json, 8);
  let at = 8 + headerLength;
  for (const { values } of Object.values(tensors)) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return bytes;
}

/**
 * Reads a safetensors file.
 *
 * @param name the file's name, for errors
 * @throws bad-file, unsupported (another number type)
 */
export function decodeSafetensors(bytes: Uint8Array, name: string): TensorFile {
  const bad = (problem: string): never => {
    throw new LangevinError("bad-file", `${name} is not a valid safetensors file: ${problem}.`);
  };
  if (bytes.length < 8) bad(`it has ${bytes.length} bytes, and a header needs at least 8`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = view.getBigUint64(0, true);
  const room = bytes.length - 8;
  if (headerLength > BigInt(room)) {
    bad(`its header claims ${headerLength} bytes, but only ${room} follow`);
  }
  const data = bytes.subarray(8 + Number(headerLength));
  const header = parseHeader(bytes.subarray(8, 8 + Number(headerLength)), bad);
  const tensors: [string, Tensor][] = [];
  const metadata: [string, string][] = [];
  const extents: [number, number][] = [];
  for (const [key, value] of Object.entries(header)) {
    if (key === "__metadata__") {
      if (!isRecord(value)) bad("its metadata is not an object");
      for (const [field, content] of Object.entries(value as object)) {
        if (typeof content !== "string") bad(`its metadata "${field}" is not text`);
        metadata.push([field, content]);
      }
      continue;
    }
    const { type, shape, start, end } = parseEntry(key, value, name, bad);
    if (end > data.length) {
      bad(`tensor "${key}" ends at byte ${end} of its data, which has ${data.length} bytes`);
    }
    extents.push([start, end]);
    // A copy, because the data need not be aligned for its type (and a Buffer's slice is no copy).
    const copy = new Uint8Array(data.subarray(start, end));
    tensors.push([key, { shape, values: new types[type](copy.buffer) }]);
  }
  let covered = 0;
  for (const [start, end] of extents.sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (start !== covered) bad(`its tensors overlap or leave a gap at byte ${covered} of the data`);
    covered = end;
  }
  if (covered !== data.length) {
    bad(`its tensors take ${covered} bytes, but its data has ${data.length}`);
  }
  return { tensors: Object.fromEntries(tensors), metadata: Object.fromEntries(metadata) };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parseHeader(bytes: Uint8Array, bad: (problem: string) => never): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    bad("its header is not JSON");
  }
  return isRecord(header) ? header : bad("its header is not an object");
}

function parseEntry(
  key: string,
  entry: unknown,
  name: string,
  bad: (problem: string) => never,
): { type: TypeName; shape: number[]; start: number; end: number } {
  const {
    dtype,
    shape,
    data_offsets: offsets,
  } = isRecord(entry) ? entry : bad(`"${key}" is no entry`);
  const isSizes = (value: unknown): value is number[] =>
    Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (typeof dtype !== "string") return bad(`tensor "${key}" has no number type`);
  if (!Object.hasOwn(types, dtype)) {
    throw new LangevinError(
      "unsupported",
      `${name}: tensor "${key}" has the number type ${dtype}, and only ` +
        `${Object.keys(types).join(", ")} can be read.`,
      "Convert it to F32.",
    );
  }
  if (!isSizes(shape)) return bad(`tensor "${key}" has no shape`);
  if (!isSizes(offsets) || offsets.length !== 2) return bad(`tensor "${key}" has no offsets`);
  const type = dtype as TypeName;
  const wanted = shape.reduce((product, size) => product * size, types[type].BYTES_PER_ELEMENT);
  const [start, end] = offsets as [number, number];
  if (end - start !== wanted) {
    bad(`tensor "${key}" of shape [${shape}] needs ${wanted} bytes, but has ${end - start}`);
  }
  return { type, shape, start, end };
}
