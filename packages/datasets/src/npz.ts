// NumPy's NPZ format: a ZIP archive with one NPY file for every array.
import { zipSync } from "fflate";
import { badFile } from "./image-set.js";
import { encodeNpy, type NpyArray, parseNpy } from "./npy.js";
import { unzip } from "./zip.js";

/**
 * Reads the arrays of an NPZ file, stored or deflated, by name.
 *
 * @param name the file's name, for errors
 * @throws bad-file, unsupported (another number type)
 */
export function parseNpz(bytes: Uint8Array, name: string): Record<string, NpyArray> {
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) {
    throw badFile(name, `is not an NPZ file (${bytes.length} bytes)`);
  }
  const arrays = [...unzip(bytes, name)].map(([entry, content]) => {
    return [entry.replace(/\.npy$/, ""), parseNpy(content, `${name}, ${entry}`)] as const;
  });
  if (arrays.length === 0) throw badFile(name, "holds no array");
  return Object.fromEntries(arrays);
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
