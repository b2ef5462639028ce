// Networks from arrays that others wrote, and as arrays that others read: couplings and bias as NPY, NPZ or safetensors.
import { LangevinError } from "@neural-langevin/core";
import {
  encodeNpy,
  encodeNpz,
  type Numbers,
  openNpz,
  openSafetensors,
  parseNpy,
  recognizeFormat,
  wrongFormat,
} from "@neural-langevin/datasets";
import { encodeNetwork, type StoredNetwork } from "./machine-file.js";

/** An array from a file, in row-major order. */
interface NumberArray {
  readonly shape: readonly number[];
  readonly values: Numbers;
  /** The file, and the name in it where it has several arrays. */
  readonly source: string;
}

/** The arrays of a file, each read when it is asked for. */
interface ArrayFile {
  readonly format: "NPY" | "NPZ" | "safetensors";
  /** Names of the arrays; the one of an NPY file is empty. */
  readonly names: readonly string[];
  read(name: string): NumberArray;
}

/**
 * Opens an NPY, NPZ or safetensors file.
 *
 * @param file the file's name, for errors
 * @throws bad-file, unsupported
 */
function openArrays(bytes: Uint8Array, file: string): ArrayFile {
  const format = recognizeFormat(bytes, file);
  if (format === "npy") {
    const array = { ...parseNpy(bytes, file), source: file };
    return { format: "NPY", names: [""], read: () => array };
  }
  if (format === "npz" || format === "zip") {
    const { names, read } = openNpz(bytes, file);
    return {
      format: "NPZ",
      names,
      read: (name) => ({ ...read(name), source: `${file}, ${name}` }),
    };
  }
  if (format !== "safetensors" && format !== "unknown") {
    throw wrongFormat(bytes, file, "an NPY, NPZ or safetensors file");
  }
  const { entries, read } = openSafetensors(bytes, file);
  return {
    format: "safetensors",
    names: [...entries.keys()],
    read: (name) => ({ ...read(name), source: `${file}, ${name}` }),
  };
}

const names = { couplings: ["couplings", "J", "W"], bias: ["bias", "b"] } as const;

/**
 * The name of the couplings or the bias in a file: its only array when it is an NPY file, else the one with a usual
 * name, in whatever folder of the archive.
 *
 * @returns undefined when there is none
 * @throws bad-file when several have usual names
 */
function findArray(content: ArrayFile, role: keyof typeof names, file: string): string | undefined {
  if (content.format === "NPY") return "";
  const usual = names[role].flatMap((wanted) =>
    content.names.filter((name) => name.slice(name.lastIndexOf("/") + 1) === wanted),
  );
  if (usual.length > 1) {
    throw new LangevinError(
      "bad-file",
      `${file} holds several arrays that could be the ${role}: ${usual.join(", ")}.`,
      "Leave one of them in the file.",
    );
  }
  return usual[0];
}

/** The usual names of an array, for messages. */
const usualNames = (role: keyof typeof names): string => names[role].join(", ");

/** How arrays become a network. */
export interface ArrayOptions {
  /** Takes `W[j][i]`, from unit j to unit i, in place of `J[i][j]`. */
  readonly transpose?: boolean | undefined;
  /** Sets J_ii = 0. */
  readonly zeroDiagonal?: boolean | undefined;
}

/** A network, and the largest change that rounding to float32 made to any of its values. */
interface RoundedNetwork {
  readonly network: StoredNetwork;
  readonly rounding: number;
}

/**
 * A network from its couplings, shape [N][N], and its bias, N values in a row or a column; zero without one.
 *
 * @throws bad-file, naming the array and the place
 */
function networkOfArrays(
  couplings: NumberArray,
  bias: NumberArray | undefined,
  options: ArrayOptions = {},
): RoundedNetwork {
  const [units, columns] = couplings.shape;
  if (couplings.shape.length !== 2 || units !== columns || !units) {
    throw unfit(couplings, `has the shape (${couplings.shape.join(", ")})`, "couplings are N × N");
  }
  if (
    bias &&
    (bias.shape.filter((size) => size !== 1).length > 1 || bias.values.length !== units)
  ) {
    const wanted = `${couplings.source} has ${units} units, so ${units} biases are needed`;
    throw unfit(bias, `has the shape (${bias.shape.join(", ")})`, wanted);
  }
  const J = toFloat32(couplings);
  const b = bias ? toFloat32(bias) : new Float32Array(units);
  const result = J.slice();
  for (let i = 0; i < units; i++) {
    if (options.transpose)
      for (let j = 0; j < units; j++) result[i * units + j] = J[j * units + i]!;
    if (options.zeroDiagonal) result[i * units + i] = 0;
  }
  const rounding = Math.max(lost(couplings, J), bias ? lost(bias, b) : 0);
  return { network: { units, couplings: result, bias: b }, rounding };
}

/** A file by its name. */
export interface NamedFile {
  /** Its name, for errors. */
  readonly file: string;
  /** The whole of it. */
  readonly bytes: Uint8Array;
}

/** A network that others wrote, and what its files held. */
export interface ImportedNetwork extends RoundedNetwork {
  /** Where its arrays come from, in words. */
  readonly sources: string;
  /** The number type of its couplings, such as `float64`. */
  readonly type: string;
  /** Arrays of the file that were left out. */
  readonly unused: readonly string[];
}

/**
 * A network from a file of couplings J, which may hold the bias b too, and one of its bias.
 *
 * @throws bad-file; unsupported, for numbers that cannot be read; invalid-value, for two biases; not-found
 */
export function importNetwork(
  couplingsFile: NamedFile,
  biasFile?: NamedFile | undefined,
  options: ArrayOptions = {},
): ImportedNetwork {
  const { file, bytes } = couplingsFile;
  const content = openArrays(bytes, file);
  const couplings = requireRole(content, "couplings", file);
  const own = content.format === "NPY" ? undefined : findArray(content, "bias", file);
  if (own !== undefined && biasFile) {
    throw new LangevinError(
      "invalid-value",
      `${file} holds a bias too, besides that of ${biasFile.file}.`,
      "Leave one of them out.",
    );
  }
  const J = content.read(couplings);
  const b = own === undefined ? biasFile && readBias(biasFile) : content.read(own);
  return {
    ...networkOfArrays(J, b, options),
    sources: b ? `${J.source}; ${b.source}` : J.source,
    type: J.values.constructor.name.replace("Array", "").toLowerCase(),
    unused: content.names.filter((name) => name !== couplings && name !== own),
  };
}

function readBias({ file, bytes }: NamedFile): NumberArray {
  const content = openArrays(bytes, file);
  return content.read(requireRole(content, "bias", file));
}

/** The name of the couplings or the bias in a file. Throws bad-file where there is none. */
function requireRole(content: ArrayFile, role: keyof typeof names, file: string): string {
  const found = findArray(content, role, file);
  if (found !== undefined) return found;
  throw new LangevinError(
    "bad-file",
    `${file} has no ${role}: its arrays are ${content.names.join(", ") || "none"}.`,
    `Couplings are called ${usualNames("couplings")}, and a bias ${usualNames("bias")}.`,
  );
}

/** Formats that a network can be exported in. */
export const exportFormats = ["npy", "npz", "safetensors"] as const;
/** One of them: NumPy's NPY or NPZ, or safetensors. */
export type ExportFormat = (typeof exportFormats)[number];

/**
 * A network as files that others read, by their names: J.npy and b.npy, machine.npz with both, or machine.safetensors.
 * Values are float32, bit for bit; J[i][j] leads from unit j to unit i.
 *
 * @param options.deflate compresses an NPZ file
 * @param options.metadata what a safetensors file says besides, such as where the network comes from
 * @throws wrong-length, for a network whose arrays do not fit its units
 */
export function exportNetwork(
  network: StoredNetwork,
  format: ExportFormat,
  options: {
    readonly deflate?: boolean | undefined;
    readonly metadata?: Readonly<Record<string, string>> | undefined;
  } = {},
): Readonly<Record<string, Uint8Array>> {
  const { units, couplings, bias } = network;
  const { deflate = false, metadata } = options;
  if (format === "safetensors") {
    return { "machine.safetensors": encodeNetwork(network, metadata) };
  }
  const J = { shape: [units, units], values: couplings };
  const b = { shape: [units], values: bias };
  if (format === "npz") return { "machine.npz": encodeNpz({ J, b }, { deflate }) };
  return { "J.npy": encodeNpy(J.values, J.shape), "b.npy": encodeNpy(b.values, b.shape) };
}

const unfit = (array: NumberArray, found: string, wanted: string) =>
  new LangevinError("bad-file", `${array.source} ${found}, but ${wanted}.`);

/** Values rounded to float32; what is not finite, or not any more, is refused with its place. */
function toFloat32({ values, shape, source }: NumberArray): Float32Array {
  const result = Float32Array.from(values);
  const at = result.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return result;
  const columns = shape.at(-1)!;
  const place = shape.length > 1 ? `${Math.floor(at / columns)}, ${at % columns}` : at;
  const why = Number.isFinite(values[at]) ? "too large for float32" : "not finite";
  throw new LangevinError("bad-file", `${source} has ${values[at]} at [${place}], ${why}.`);
}

const lost = ({ values }: NumberArray, rounded: Float32Array): number =>
  rounded.reduce((most, value, at) => Math.max(most, Math.abs(value - values[at]!)), 0);
