// The safetensors format: a JSON header that names tensors, then their bytes. Reading is strict, because
// a file may come from anywhere: nothing is believed before it has been held against the file's size. A tensor is
// decoded when it is asked for, so that one of a type that cannot be read spoils no other.
import { LangevinError } from "@neural-langevin/core";
import { saveAgain } from "./data-set.js";
import { floatsOfHalves, floatsOfUpperHalves } from "./numbers.js";

/** The number types that are written, and read as they are. */
const types = {
  F32: Float32Array,
  F64: Float64Array,
  I8: Int8Array,
  U8: Uint8Array,
  I16: Int16Array,
  U16: Uint16Array,
  I32: Int32Array,
  U32: Uint32Array,
} as const;

type TypeName = keyof typeof types;

/** Number types that become another one, which holds all their values exactly, and how. */
const converted: Readonly<Record<string, (bytes: Uint8Array<ArrayBuffer>) => Tensor["values"]>> = {
  F16: (bytes) => floatsOfHalves(new Uint16Array(bytes.buffer)),
  BF16: (bytes) => floatsOfUpperHalves(new Uint16Array(bytes.buffer)),
  BOOL: (bytes) => bytes.map((byte) => Number(byte !== 0)),
  I64: (bytes) => Float64Array.from(new BigInt64Array(bytes.buffer), exactNumber),
  U64: (bytes) => Float64Array.from(new BigUint64Array(bytes.buffer), exactNumber),
};

/** Bytes of one number, by type; types of less than a byte and those of later versions are missing. */
const sizes: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    Object.entries(types).map(([name, kind]) => [name, kind.BYTES_PER_ELEMENT]),
  ),
  F16: 2,
  BF16: 2,
  BOOL: 1,
  I64: 8,
  U64: 8,
  F8_E4M3: 1,
  F8_E5M2: 1,
  C64: 8,
};

/** A tensor: its shape and its values in row-major order. */
export interface Tensor {
  /** Sizes of the axes, the slowest first; [] of a single number. */
  readonly shape: readonly number[];
  /** As many as the product of the shape. */
  readonly values:
    | Float32Array
    | Float64Array
    | Int8Array
    | Uint8Array
    | Int16Array
    | Uint16Array
    | Int32Array
    | Uint32Array;
}

/** What a safetensors file is made of. */
export interface TensorFile {
  /** Tensors by name, in the order in which they are written. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** Free text by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A safetensors file that was opened: what its header says, and its tensors when they are asked for. */
export interface OpenTensorFile {
  /** Free text by name. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Every tensor's number type, as "F32", and shape, by name in the order of the header. */
  readonly entries: ReadonlyMap<
    string,
    { readonly type: string; readonly shape: readonly number[] }
  >;
  /**
   * Decodes a tensor. F16 and BF16 become float32, BOOL bytes of 0 and 1, I64 and U64 float64; all exactly.
   *
   * @throws not-found, unsupported (another number type, or an integer that float64 cannot hold)
   */
  read(name: string): Tensor;
}

/**
 * The bytes of a safetensors file. Tensors are written in the order of their names' entries.
 *
 * @throws wrong-length, for values that do not fill their shape
 */
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

type Bad = (problem: string) => never;

/**
 * Opens a safetensors file: reads its header and holds it against the size of the file.
 *
 * @param name the file's name, for errors
 * @throws bad-file; reading a tensor: not-found, unsupported
 */
export function openSafetensors(bytes: Uint8Array, name: string): OpenTensorFile {
  const { metadata, entries } = parseTensorHeader(bytes, bytes.length, name);
  return {
    metadata,
    entries,
    read(key) {
      const entry = entries.get(key) ?? missing(name, key, entries.keys());
      return decodeTensor(bytes.subarray(entry.start, entry.end), entry, name, key);
    },
  };
}

/** Bytes that begin a safetensors file and say how long its header is. */
const TENSOR_FILE_START = 8;

/** The failure of a file that is no safetensors file. */
const badTensors =
  (name: string): Bad =>
  (problem) => {
    throw new LangevinError(
      "bad-file",
      `${name} is not a valid safetensors file: ${problem}.`,
      saveAgain,
    );
  };

/**
 * How many bytes the header of a safetensors file takes, with those before it.
 *
 * @param start the first bytes of the file, some 60 for the error
 * @param length bytes of the file
 * @throws bad-file
 */
export function tensorHeaderLength(start: Uint8Array, length: number, name: string): number {
  const bad = badTensors(name);
  if (length < TENSOR_FILE_START) bad(`it has ${length} bytes, but a header needs at least 8`);
  const claimed = new DataView(start.buffer, start.byteOffset, start.byteLength).getBigUint64(
    0,
    true,
  );
  const room = length - TENSOR_FILE_START;
  if (claimed <= BigInt(room)) return TENSOR_FILE_START + Number(claimed);
  // Most files that are something else end up here.
  const text = /^[\x20-\x7e]{8,60}/.exec(String.fromCharCode(...start.subarray(0, 60)))?.[0];
  return bad(
    text
      ? `it begins with the text "${text}"`
      : `its header claims ${claimed} bytes, but only ${room} follow`,
  );
}

/**
 * The header of a safetensors file, held against the size of the file.
 *
 * @param bytes the whole header at least, with the bytes before it
 * @param length bytes of the file
 * @returns metadata, and the entries with their places in the file
 * @throws bad-file
 */
export function parseTensorHeader(
  bytes: Uint8Array,
  length: number,
  name: string,
): { metadata: Record<string, string>; entries: Map<string, TensorEntry> } {
  const bad = badTensors(name);
  const first = tensorHeaderLength(bytes, length, name);
  const header = parseHeader(bytes.subarray(TENSOR_FILE_START, first), bad);
  const entries = new Map<string, TensorEntry>();
  for (const [key, value] of Object.entries(header)) {
    if (key === "__metadata__") continue;
    const { start, end, ...entry } = parseEntry(key, value, bad);
    if (first + end > length) {
      bad(`tensor "${key}" ends at byte ${end} of its data, which has ${length - first} bytes`);
    }
    entries.set(key, { ...entry, start: first + start, end: first + end });
  }
  requireCovered([...entries.values()], first, length, bad);
  return { metadata: parseMetadata(header.__metadata__, bad), entries };
}

/**
 * The tensor of some bytes.
 *
 * @throws unsupported (another number type, or an integer that float64 cannot hold)
 */
export function decodeTensor(
  bytes: Uint8Array,
  { type, shape }: Pick<TensorEntry, "type" | "shape">,
  name: string,
  key: string,
): Tensor {
  // A copy, because the data need not be aligned for its type (and a Buffer's slice is no copy).
  const copy = new Uint8Array(bytes);
  if (Object.hasOwn(types, type)) {
    return { shape, values: new types[type as TypeName](copy.buffer) };
  }
  const convert = Object.hasOwn(converted, type) ? converted[type] : undefined;
  if (convert) {
    try {
      return { shape, values: convert(copy) };
    } catch (error) {
      throw unsupported(name, key, (error as Error).message);
    }
  }
  throw unsupported(
    name,
    key,
    `has the number type ${type}, and only ${[...Object.keys(types), ...Object.keys(converted)].join(", ")} can be read`,
  );
}

const unsupported = (name: string, key: string, problem: string) =>
  new LangevinError("unsupported", `${name}: tensor "${key}" ${problem}.`, "Convert it to F32.");

function missing(name: string, key: string, there: Iterable<string>): never {
  throw new LangevinError(
    "not-found",
    `${name} has no tensor "${key}".`,
    `Its tensors are ${[...there].join(", ") || "none"}.`,
  );
}

/** A tensor in a file. */
export interface TensorEntry {
  /** The number type by the format's name, as "F32". */
  readonly type: string;
  readonly shape: readonly number[];
  /** Where its bytes begin and end. */
  readonly start: number;
  readonly end: number;
}

/** Every byte of the data must belong to exactly one tensor. */
function requireCovered(
  entries: readonly TensorEntry[],
  first: number,
  length: number,
  bad: Bad,
): void {
  let covered = first;
  for (const { start, end } of [...entries].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start !== covered) {
      bad(`its tensors overlap or leave a gap at byte ${covered - first} of the data`);
    }
    covered = end;
  }
  if (covered !== length) {
    bad(`its tensors take ${covered - first} bytes, but its data has ${length - first}`);
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parseHeader(bytes: Uint8Array, bad: Bad): Record<string, unknown> {
  let text = "";
  let header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    header = JSON.parse(text);
  } catch {
    bad("its header is not JSON");
  }
  if (!isRecord(header)) return bad("its header is not an object");
  // JSON.parse keeps the last of two entries with one name; only tensors and the metadata are objects.
  const names = [...text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:\s*\{)?/g)]
    .filter(([, , opens]) => opens)
    .map(([, name]) => JSON.parse(name!) as string);
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined) bad(`its header has two entries with the name "${twice}"`);
  return header;
}

/** Free text by name; some writers put null where there is none. */
function parseMetadata(value: unknown, bad: Bad): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) return bad("its metadata is not an object");
  for (const [field, content] of Object.entries(value)) {
    if (typeof content !== "string") bad(`its metadata "${field}" is not text`);
  }
  return value as Record<string, string>;
}

/** An entry of the header, with its places in the data. */
function parseEntry(key: string, entry: unknown, bad: Bad): TensorEntry {
  const {
    dtype,
    shape,
    data_offsets: offsets,
  } = isRecord(entry) ? entry : bad(`"${key}" is not an entry`);
  const isSizes = (value: unknown): value is number[] =>
    Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (typeof dtype !== "string") return bad(`tensor "${key}" has no number type`);
  if (!isSizes(shape)) return bad(`tensor "${key}" has no shape`);
  if (!isSizes(offsets) || offsets.length !== 2) return bad(`tensor "${key}" has no offsets`);
  const [start, end] = offsets as [number, number];
  if (start > end) bad(`tensor "${key}" ends before it begins`);
  const size = Object.hasOwn(sizes, dtype) ? sizes[dtype] : undefined;
  if (size !== undefined) {
    const wanted = shape.reduce((product, one) => product * one, size);
    if (end - start !== wanted) {
      bad(`tensor "${key}" of shape [${shape}] needs ${wanted} bytes, but has ${end - start}`);
    }
  }
  return { type: dtype, shape, start, end };
}

function exactNumber(integer: bigint): number {
  const value = Number(integer);
  if (Number.isSafeInteger(value)) return value;
  throw new Error(`holds the integer ${integer}, which float64 cannot hold exactly`);
}
