// Networks from arrays that others wrote: couplings and bias as NPY, NPZ or safetensors, in float32 or float64.
import { LangevinError } from "@neural-langevin/core";
import {
  type Numbers,
  openNpz,
  openSafetensors,
  parseNpy,
  recognizeFormat,
  wrongFormat,
} from "@neural-langevin/datasets";
import type { StoredNetwork } from "./machine-file.js";

/** An array from a file, in row-major order. */
export interface NumberArray {
  readonly shape: readonly number[];
  readonly values: Numbers;
  /** The file, and the name in it where it has several arrays. */
  readonly source: string;
}

/** The arrays of a file, each read when it is asked for. */
export interface ArrayFile {
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
export function openArrays(bytes: Uint8Array, file: string): ArrayFile {
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
export function findArray(
  content: ArrayFile,
  role: keyof typeof names,
  file: string,
): string | undefined {
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
export const usualNames = (role: keyof typeof names): string => names[role].join(", ");

/** How arrays become a network. */
export interface ArrayOptions {
  /** Takes `W[j][i]`, from unit j to unit i, in place of `J[i][j]`. */
  readonly transpose?: boolean | undefined;
  /** Sets J_ii = 0. */
  readonly zeroDiagonal?: boolean | undefined;
}

/** A network, and the largest change that rounding to float32 made to any of its values. */
export interface RoundedNetwork {
  readonly network: StoredNetwork;
  readonly rounding: number;
}

/**
 * A network from its couplings, shape [N][N], and its bias, N values in a row or a column; zero without one.
 *
 * @throws bad-file, naming the array and the place
 */
export function networkOfArrays(
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
    const wanted = `${couplings.source} has ${units} units, so ${units} biases are wanted`;
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
