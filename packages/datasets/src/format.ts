// What some bytes are, told by their content and, where that does not tell, by the file's name. Every reader asks here,
// so that a foreign file under a known name is called what it is.
import type { LangevinError } from "@neural-langevin/core";
import { badFile } from "./data-set.js";
import { openZip } from "./zip.js";

const convertImage = "Convert it to PNG or JPEG.";
const saveArray = "Save its arrays with numpy.save or numpy.savez.";
const saveTable = "Save its table as CSV.";
const unpack = "Unpack it first.";

/** Every format by its name: what a file of it is called, and what to do with one that is not wanted. */
const formats = {
  png: ["a PNG file"],
  npy: ["an NPY file"],
  npz: ["an NPZ file"],
  idx: ["an IDX file"],
  safetensors: ["a safetensors file"],
  table: ["a table"],
  zip: ["a ZIP archive", unpack],
  gzip: ["a gzip file", unpack],
  bzip2: ["a bzip2 file", unpack],
  xz: ["an xz file", unpack],
  zstd: ["a Zstandard file", unpack],
  tar: ["a tar archive", unpack],
  jpeg: ["a JPEG image"],
  gif: ["a GIF image", convertImage],
  webp: ["a WebP image", convertImage],
  bmp: ["a BMP image", convertImage],
  tiff: ["a TIFF image", convertImage],
  pytorch: [
    "a PyTorch file",
    "Save its tensors with safetensors.torch.save_file, or as arrays with numpy.savez.",
  ],
  pickle: ["a Python pickle", saveArray],
  hdf5: ["an HDF5 file", saveArray],
  matlab: ["a MATLAB file", saveArray],
  parquet: ["a Parquet file", saveTable],
  arrow: ["an Arrow or Feather file", saveTable],
  office: ["a document of an office program, such as a spreadsheet", saveTable],
  "utf-16": ["text in UTF-16", "Save it as UTF-8."],
  "git-lfs-pointer": ["a Git LFS pointer", "Fetch the file itself with `git lfs pull`."],
  html: ["an HTML page", "The download gave a web page in place of the file: download it again."],
  "apple-double": [
    "an AppleDouble file, which macOS leaves beside the real one",
    "Name the file without ._ before its name.",
  ],
  unknown: ["a file of an unknown format"],
} as const satisfies Record<string, readonly [description: string, remedy?: string]>;

/** A file format that is told apart. */
export type FileFormat = keyof typeof formats;

/** How files begin, as bytes or as text; `at` is where. */
const beginnings: [format: FileFormat, begins: readonly number[] | string, at?: number][] = [
  ["png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["npy", "\x93NUMPY"],
  ["zip", [0x50, 0x4b, 3, 4]],
  ["zip", [0x50, 0x4b, 5, 6]],
  ["gzip", [0x1f, 0x8b]],
  ["bzip2", "BZh"],
  ["xz", "\xfd7zXZ\0"],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["tar", "ustar", 257],
  ["jpeg", [0xff, 0xd8, 0xff]],
  ["gif", "GIF8"],
  ["webp", "WEBP", 8],
  ["bmp", "BM"],
  ["tiff", "II*\0"],
  ["tiff", "MM\0*"],
  ["hdf5", "\x89HDF\r\n"],
  ["matlab", "MATLAB 5.0"],
  ["parquet", "PAR1"],
  ["arrow", "ARROW1"],
  ["arrow", "FEA1"],
  ["office", [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]],
  ["utf-16", [0xff, 0xfe]],
  ["utf-16", [0xfe, 0xff]],
  ["git-lfs-pointer", "version https://git-lfs"],
  ["apple-double", [0, 5, 0x16, 7]],
  // torch.save before version 1.6: a pickle that begins with this long integer.
  ["pytorch", [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20]],
];

/** Longest header of a safetensors file, as its own library allows. */
const LONGEST_HEADER = 100_000_000;

/** Endings of names, for bytes that tell nothing. */
const endings: [RegExp, FileFormat][] = [
  [/\.png$/i, "png"],
  [/\.npy$/i, "npy"],
  [/\.npz$/i, "npz"],
  [/\.safetensors$/i, "safetensors"],
  [/\.zip$/i, "zip"],
  [/-ubyte(\.gz)?$/i, "idx"],
  [/\.(csv|tsv|tab)$/i, "table"],
];

/**
 * Says what some bytes are.
 *
 * @param bytes a whole file or its beginning; an archive is told apart best when it is whole
 * @param name the file's name, by which bytes that tell nothing are judged
 */
export function recognizeFormat(bytes: Uint8Array, name = ""): FileFormat {
  const start = latin1(bytes.subarray(0, 512));
  // First, because the length of its header may look like the beginning of anything else.
  if (start[8] === "{") {
    const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
    if (view.getBigUint64(0, true) <= LONGEST_HEADER) return "safetensors";
  }
  const found = beginnings.find(([, begins, at = 0]) => {
    const text = typeof begins === "string" ? begins : String.fromCharCode(...begins);
    return start.startsWith(text, at);
  });
  if (found) return found[0] === "zip" ? recognizeArchive(bytes) : found[0];
  if (/^(\xef\xbb\xbf)?\s*<(!doctype html|html|head|!--)/i.test(start)) return "html";
  const [first, second, third = 0, fourth = 0] = bytes;
  if (first === 0x80 && second! >= 2 && second! <= 5 && /^[\x95(}\]c]/.test(start.slice(2))) {
    return "pickle";
  }
  if (first === 0 && second === 0 && third >= 8 && third <= 14 && fourth >= 1 && fourth <= 4) {
    return "idx";
  }
  return endings.find(([ending]) => ending.test(name))?.[1] ?? "unknown";
}

const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** What a ZIP archive is: NumPy's and PyTorch's formats are such archives. */
function recognizeArchive(bytes: Uint8Array): FileFormat {
  const names = entryNames(bytes);
  if (names.some((name) => /(^|\/)data\.pkl$/.test(name))) return "pytorch";
  // Excel's and LibreOffice's own archives, by the entries that they begin with.
  if (names.some((name) => /^(\[Content_Types\]\.xml|mimetype|docProps\/)/.test(name)))
    return "office";
  return names.some((name) => name.endsWith(".npy")) ? "npz" : "zip";
}

function entryNames(bytes: Uint8Array): string[] {
  try {
    return [...openZip(bytes, "").keys()];
  } catch {
    // The beginning of an archive has no directory, but its first entry stands at its head.
    const length = (bytes[26] ?? 0) + 256 * (bytes[27] ?? 0);
    return [latin1(bytes.subarray(30, 30 + Math.min(length, 512)))];
  }
}

/** What a file of a format is called, with its article, as in "a Git LFS pointer". */
export const describeFormat = (format: FileFormat): string => formats[format][0];

/**
 * The failure of a file that is not what is wanted, which says what it is where that can be told.
 *
 * @returns an error with the code bad-file, to be thrown
 * @param wanted with its article, as in "an NPY file"
 */
export function wrongFormat(bytes: Uint8Array, name: string, wanted: string): LangevinError {
  const found = recognizeFormat(bytes);
  const [description, remedy] = formats[found] as readonly [string, string?];
  if (bytes.length === 0) return badFile(name, `is empty, and not ${wanted}`);
  if (found === "unknown" || description === wanted) {
    return badFile(name, `is not ${wanted} (${bytes.length} bytes)`, `Name ${wanted}.`);
  }
  return badFile(name, `is ${description}, not ${wanted}`, remedy ?? `Name ${wanted}.`);
}
