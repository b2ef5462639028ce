// Native builds of the kernel, in Node: found and verified. Whatever is wrong with one is a reason in words, and
// WebAssembly computes instead.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { sourceHash } from "./kernel.generated.js";
import type { NativeLibrary } from "./native-calls.js";

/** The library of the best instruction set here, or why there is none. */
export type NativeKernels =
  | { readonly set: string; readonly library: NativeLibrary }
  | { readonly set: undefined; readonly reason: string };

interface Manifest {
  readonly source: string;
  readonly libraries: readonly {
    readonly file: string;
    readonly set: string;
    readonly blockRows: number;
    readonly lanes: number;
    readonly precision: "float32" | "bf16";
    readonly sha256: string;
  }[];
}

type Koffi = typeof import("koffi").default;
const platform = `${process.platform}-${process.arch}`;
// A bundler that writes CommonJS leaves no address of this file; packages are then looked for from where Node runs.
const here = import.meta.url ? fileURLToPath(import.meta.url) : join(process.cwd(), "bundle.js");
// Under a name of its own, because bundlers replace calls of `require`.
const find = createRequire(here);

/** The folder of libraries: made here, or from the optional package of this platform. */
function findManifest(): string | undefined {
  // Joined as paths: in an address #, ? and % have meanings, and bundlers take it for a file to be copied.
  const made = join(dirname(here), "..", "native", platform, "libraries.json");
  if (existsSync(made)) return made;
  try {
    return find.resolve(`@neural-langevin/native-${platform}/libraries.json`);
  } catch {
    return undefined;
  }
}

/**
 * Finds the native kernels for this processor.
 *
 * @param wanted an instruction set; the best for float32 that the processor has unless given
 */
export function findNative(wanted?: string): NativeKernels {
  const none = (reason: string): NativeKernels => ({ set: undefined, reason });
  const file = findManifest();
  if (!file) return none("no native kernel was made or installed");
  let koffi: Koffi;
  let koffiFile: string;
  try {
    koffiFile = find.resolve("koffi");
  } catch {
    return none("the package koffi is missing");
  }
  try {
    koffi = find(koffiFile);
  } catch (error) {
    return none(`the package koffi cannot be loaded: ${(error as Error).message}`);
  }
  try {
    const { source, libraries } = JSON.parse(readFileSync(file, "utf8")) as Manifest;
    if (source !== sourceHash) return none("the native kernel is of another version");
    const candidates = libraries.filter(({ set, precision }) =>
      wanted === undefined ? precision === "float32" : set === wanted,
    );
    for (const { file: name, set, blockRows, lanes, precision, sha256 } of candidates) {
      const path = join(dirname(file), name);
      const hash = createHash("sha256").update(readFileSync(path)).digest("hex");
      // A damaged library could end the process when it is loaded, so it is not loaded.
      if (hash !== sha256) throw new Error(`${name} is damaged`);
      const library = koffi.load(path);
      if (library.func("kernel_source", "str", [])() !== sourceHash) {
        return none("the native kernel is of another version");
      }
      if (library.func("supported", "int", [])()) {
        return { set, library: { file: path, koffi: koffiFile, blockRows, lanes, precision } };
      }
    }
    if (candidates.length === 0) {
      return none(`no native kernel for ${wanted} was made or installed on ${platform}`);
    }
    const sets = wanted ?? libraries.map(({ set }) => set).join(", ");
    return none(`this processor does not support ${sets}`);
  } catch (error) {
    return none(`the native kernel cannot be loaded: ${(error as Error).message}`);
  }
}
