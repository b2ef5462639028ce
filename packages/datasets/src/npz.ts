// NumPy's NPZ format: a ZIP archive with one NPY file for every array.
import { LangevinError } from "@neural-langevin/core";
import { zipSync } from "fflate";
import { badFile } from "./data-set.js";
import { recognizeFormat, wrongFormat } from "./format.js";
import { encodeNpy, type NpyArray, parseNpy } from "./npy.js";
import { openZip } from "./zip.js";

/** An archive of arrays, each read when it is asked for, so that one that cannot be read spoils no other. */
export interface NpzArchive {
  /** Names of the arrays, and of files that are none, in the order of the archive. */
  readonly names: readonly string[];
  /**
   * Reads the array of a name in `names`.
   *
   * @throws bad-file, unsupported (another number type), not-found
   */
  read(name: string): NpyArray;
}

/**
 * Opens an NPZ file, stored or deflated.
 *
 * @param name the file's name, for errors
 * @throws bad-file; reading an array: not-found, bad-file, unsupported (another number type)
 */
export function openNpz(bytes: Uint8Array, name: string): NpzArchive {
  const format = recognizeFormat(bytes);
  if (format !== "npz" && format !== "zip") throw wrongFormat(bytes, name, "an NPZ file");
  const entries = openZip(bytes, name);
  const arrays = arraysOf([...entries.keys()], name);
  return {
    names: [...arrays.keys()],
    read(wanted) {
      const entry = arrays.get(wanted);
      if (entry === undefined) {
        throw new LangevinError(
          "not-found",
          `${name} has no array ${wanted}.`,
          `Its arrays are ${[...arrays.keys()].join(", ")}.`,
        );
      }
      return parseNpy(entries.get(entry)!(), `${name}, ${entry}`);
    },
  };
}

/**
 * Names of arrays with their entries, of the names of all entries.
 *
 * @param name the archive's name, for errors
 * @throws bad-file, for an archive without an array
 */
export function arraysOf(entries: readonly string[], name: string): Map<string, string> {
  if (!entries.some((entry) => entry.endsWith(".npy"))) {
    throw badFile(name, "holds no array", "Save arrays with numpy.savez.");
  }
  return new Map(entries.map((entry) => [entry.replace(/\.npy$/, ""), entry]));
}

/** The bytes of an NPZ file with arrays by name; equal arrays give equal bytes. */
export function encodeNpz(
  arrays: Readonly<Record<string, NpyArray>>,
  options: { readonly deflate: boolean },
): Uint8Array {
  const entries = Object.entries(arrays).map(([name, { shape, values }]) => {
    return [`${name}.npy`, encodeNpy(values, shape)] as const;
  });
  // ZIP counts from 1980 in local time, so this is the first moment that has a date everywhere.
  const mtime = new Date(1980, 0, 1);
  return zipSync(Object.fromEntries(entries), { level: options.deflate ? 6 : 0, mtime });
}
