// Arrays as they lie in files: alone (NPY), or by name in an archive (NPZ, safetensors). Data are read in pieces, each of
// which is unpacked, checked and converted while it is at hand, so that a file is never in memory beside its numbers.
import { Readable } from "node:stream";
import { createInflateRaw } from "node:zlib";
import type { WorkOptions } from "@neural-langevin/core";
import { crc32 } from "./checksum.js";
import { badFile, type DataSet } from "./data-set.js";
import { type FileHandle, fillFrom, withFile } from "./disk.js";
import {
  type ArrayLayout,
  NPY_START,
  type NpyArray,
  npyHeaderLength,
  parseNpy,
  parseNpyHeader,
} from "./npy.js";
import { arraysOf } from "./npz.js";
import { bytesOfType, readNumbers } from "./numbers.js";
import {
  decodeTensor,
  parseTensorHeader,
  type TensorEntry,
  tensorHeaderLength,
} from "./safetensors.js";
import { type MissingNumbers, type NumberKind, SampleReader } from "./samples.js";
import { startWork } from "./work.js";
import {
  badArchive,
  contentStart,
  findDirectory,
  LOCAL_LENGTH,
  LONGEST_END,
  parseDirectory,
  type ZipEntry,
} from "./zip.js";

/** How the numbers of an array become data. */
export interface SampleOptions extends WorkOptions {
  readonly numbers?: NumberKind | undefined;
  readonly missing?: MissingNumbers | undefined;
}

/** A file that holds arrays by name. */
export interface ArrayFile {
  readonly names: readonly string[];
  /** The array of a name as data. */
  samples(name: string): Promise<DataSet>;
  /** The array of a name. */
  array(name: string): Promise<NpyArray>;
}

/** Bytes that come one after another, in a file or unpacked from it. */
interface ByteStream {
  /** How many there are in all. */
  readonly length: number;
  /** Fills memory with those that come next; returns how many there were: less than asked for at the end alone. */
  fill(bytes: Uint8Array): Promise<number>;
}

/** The bytes of a file from one place to another. */
function bytesBetween(handle: FileHandle, start: number, end: number): ByteStream {
  let at = start;
  return {
    length: end - start,
    async fill(bytes) {
      const filled = await fillFrom(handle, bytes.subarray(0, end - at), at);
      at += filled;
      return filled;
    },
  };
}

/** The bytes that come next, at most `length`. */
async function take(stream: ByteStream, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.min(length, stream.length));
  return bytes.subarray(0, await stream.fill(bytes));
}

/**
 * The data of an NPY file.
 *
 * @throws bad-file, unsupported, aborted
 */
export const readNpySamples = (file: string, options: SampleOptions): Promise<DataSet> =>
  withFile(file, (handle, size) => npySamples(bytesBetween(handle, 0, size), file, options));

async function npySamples(
  stream: ByteStream,
  name: string,
  options: SampleOptions,
): Promise<DataSet> {
  const start = await take(stream, NPY_START);
  const rest = await take(stream, Math.max(0, npyHeaderLength(start, name) - NPY_START));
  const header = new Uint8Array(start.length + rest.length);
  header.set(start);
  header.set(rest, start.length);
  return samplesIn(stream, parseNpyHeader(header, stream.length, name), name, options);
}

/** The data of an array, whose numbers are what is left of a stream. */
async function samplesIn(
  stream: ByteStream,
  layout: ArrayLayout,
  name: string,
  { numbers, missing, ...options }: SampleOptions,
): Promise<DataSet> {
  const { shape, type, bigEndian } = layout;
  const reader = new SampleReader(layout, name, numbers, missing);
  const size = bytesOfType(type);
  const length = shape.reduce((product, one) => product * one, size);
  const work = startWork(options, "reading", length, "bytes");
  const piece = new Uint8Array(Math.min(reader.pieceLength * size, length));
  for (let at = 0; at < length; at += piece.length) {
    const wanted = piece.subarray(0, length - at);
    if ((await stream.fill(wanted)) < wanted.length) {
      throw badFile(name, "became shorter while it was read");
    }
    reader.add(readNumbers(wanted, type, bigEndian, name, at / size));
    await work.advance(Math.min(at + piece.length, length));
  }
  return reader.finish();
}

/**
 * Opens an NPZ file.
 *
 * @param handle that of the file, open for as long as arrays are read
 * @param size bytes of the file
 * @throws bad-file; so does reading an array, and unsupported, aborted
 */
export async function openNpzFile(
  handle: FileHandle,
  size: number,
  file: string,
  options: SampleOptions,
): Promise<ArrayFile> {
  const read = (start: number) => take(bytesBetween(handle, start, size), size);
  let base = Math.max(0, size - LONGEST_END);
  let bytes = await read(base);
  const directory = findDirectory(bytes, file);
  if (directory.start < base) {
    base = directory.start;
    bytes = await read(base);
  }
  const entries = new Map(
    parseDirectory(bytes, base, directory, file).map((entry) => [entry.name, entry]),
  );
  const arrays = arraysOf([...entries.keys()], file);
  const inEntry = <T>(
    array: string,
    work: (stream: ByteStream, name: string) => Promise<T>,
  ): Promise<T> => {
    const entry = entries.get(arrays.get(array)!)!;
    return withEntry(handle, size, entry, file, (stream) => work(stream, `${file}, ${entry.name}`));
  };
  return {
    names: [...arrays.keys()],
    samples: (array) => inEntry(array, (stream, name) => npySamples(stream, name, options)),
    array: (array) =>
      inEntry(array, async (stream, name) => parseNpy(await take(stream, stream.length), name)),
  };
}

/** Bytes of an archive that are unpacked at once, and of what comes of them. */
const PIECE = 2 ** 18;

async function* piecesOf(stream: ByteStream): AsyncGenerator<Uint8Array, void, void> {
  for (let left = stream.length; left > 0; ) {
    const piece = await take(stream, Math.min(PIECE, left));
    if (piece.length === 0) return;
    left -= piece.length;
    yield piece;
  }
}

/** Does something with the content of an archive's entry, whose checksum is verified at its end. */
async function withEntry<T>(
  handle: FileHandle,
  size: number,
  entry: ZipEntry,
  file: string,
  work: (stream: ByteStream) => Promise<T>,
): Promise<T> {
  const local = await take(bytesBetween(handle, entry.start, size), LOCAL_LENGTH);
  const start = contentStart(local, entry, size - entry.start, file);
  const end = start + entry.packed;
  const bad = (problem: string) => badArchive(file, `${entry.name} ${problem}`);
  if (entry.method === 0) return work(checked(bytesBetween(handle, start, end), entry, bad));
  const packed = Readable.from(piecesOf(bytesBetween(handle, start, end)));
  const unpacked = createInflateRaw({ chunkSize: PIECE });
  packed.on("error", (error) => unpacked.destroy(error));
  packed.pipe(unpacked);
  try {
    return await work(checked(streamOf(unpacked, entry.size, bad), entry, bad));
  } finally {
    packed.destroy();
    unpacked.destroy();
  }
}

/** Bytes that come in chunks of any size; as many as are claimed, or it is a failure. */
function streamOf(
  source: AsyncIterable<Uint8Array>,
  length: number,
  bad: (problem: string) => Error,
): ByteStream {
  const chunks = source[Symbol.asyncIterator]();
  let chunk: Uint8Array = new Uint8Array(0);
  let given = 0;
  const next = async (): Promise<boolean> => {
    try {
      const { value, done } = await chunks.next();
      if (done) return false;
      chunk = value;
      return true;
    } catch (error) {
      const { code = "", message } = error as NodeJS.ErrnoException;
      throw code.startsWith("Z_") ? bad(`cannot be unpacked (${message})`) : error;
    }
  };
  return {
    length,
    async fill(bytes) {
      let filled = 0;
      while (filled < bytes.length) {
        if (chunk.length === 0 && !(await next())) {
          throw bad(`holds ${given + filled} bytes, not the ${length} that it claims`);
        }
        const part = chunk.subarray(0, bytes.length - filled);
        bytes.set(part, filled);
        chunk = chunk.subarray(part.length);
        filled += part.length;
      }
      given += filled;
      if (given === length && (chunk.length > 0 || (await next()))) {
        throw bad(`holds more than the ${length} bytes that it claims`);
      }
      return filled;
    },
  };
}

/** A stream whose CRC-32 is verified with its last bytes. */
function checked(
  stream: ByteStream,
  { checksum }: ZipEntry,
  bad: (problem: string) => Error,
): ByteStream {
  let [given, sum] = [0, 0];
  return {
    length: stream.length,
    async fill(bytes) {
      const filled = await stream.fill(bytes);
      given += filled;
      sum = crc32(bytes.subarray(0, filled), sum);
      if (given === stream.length && sum !== checksum) throw bad("does not fit its checksum");
      return filled;
    },
  };
}

/** Number types of safetensors by NumPy's names. */
const typesOfTensors: Readonly<Record<string, string>> = {
  F16: "f2",
  BF16: "bf2",
  F32: "f4",
  F64: "f8",
  BOOL: "b1",
  I8: "i1",
  U8: "u1",
  I16: "i2",
  U16: "u2",
  I32: "i4",
  U32: "u4",
  I64: "i8",
  U64: "u8",
};

/**
 * Opens a safetensors file.
 *
 * @param handle that of the file, open for as long as tensors are read
 * @param size bytes of the file
 * @throws bad-file; reading a tensor: bad-file, unsupported, aborted
 */
export async function openTensorFile(
  handle: FileHandle,
  size: number,
  file: string,
  options: SampleOptions,
): Promise<ArrayFile> {
  const begin = (length: number) => take(bytesBetween(handle, 0, size), length);
  const length = tensorHeaderLength(await begin(64), size, file);
  const { entries } = parseTensorHeader(await begin(length), size, file);
  const bytesOf = ({ start, end }: TensorEntry) => bytesBetween(handle, start, end);
  const array = async (name: string): Promise<NpyArray> => {
    const entry = entries.get(name)!;
    return decodeTensor(await take(bytesOf(entry), size), entry, file, name);
  };
  return {
    names: [...entries.keys()],
    array,
    async samples(name) {
      const entry = entries.get(name)!;
      const type = typesOfTensors[entry.type];
      if (entry.start === entry.end) {
        throw badFile(
          `${file}, ${name}`,
          `is empty: its shape is (${entry.shape.join(", ")})`,
          "Name an array with numbers.",
        );
      }
      // What cannot be decoded is refused.
      if (type === undefined) await array(name);
      const layout = { shape: entry.shape, type: type!, bigEndian: false, fortran: false };
      return samplesIn(bytesOf(entry), layout, `${file}, ${name}`, options);
    },
  };
}
