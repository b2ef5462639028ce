// Native builds of the kernel, in Node: found, verified, and called through koffi. Whatever is wrong with one
// is a reason in words, and WebAssembly computes instead.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { sourceHash } from "./kernel.generated.js";
import { type Kernel, type KernelShape, kernelFunctions } from "./kernel.js";

/** A native library that fits this processor. */
export interface NativeLibrary extends KernelShape {
  readonly file: string;
}

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
const require = createRequire(import.meta.url);
const platform = `${process.platform}-${process.arch}`;

/** The folder of libraries: made here, or from the optional package of this platform. */
function findManifest(): string | undefined {
  const made = fileURLToPath(new URL(`../native/${platform}/libraries.json`, import.meta.url));
  if (existsSync(made)) return made;
  try {
    return require.resolve(`@neural-langevin/native-${platform}/libraries.json`);
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
  try {
    koffi = require("koffi");
  } catch {
    return none("the package koffi is missing");
  }
  try {
    const { source, libraries } = JSON.parse(readFileSync(file, "utf8")) as Manifest;
    if (source !== sourceHash) return none("the native kernel is of another version");
    const candidates = libraries.filter(({ set, precision }) =>
      wanted === undefined ? precision === "float32" : set === wanted,
    );
    for (const { file: name, set, blockRows, lanes, precision, sha256 } of candidates) {
      const path = fileURLToPath(new URL(name, `file://${file}`));
      const hash = createHash("sha256").update(readFileSync(path)).digest("hex");
      // A damaged library could end the process when it is loaded, so it is not loaded.
      if (hash !== sha256) throw new Error(`${name} is damaged`);
      const library = koffi.load(path);
      if (library.func("kernel_source", "str", [])() !== sourceHash) {
        return none("the native kernel is of another version");
      }
      if (library.func("supported", "int", [])()) {
        return { set, library: { file: path, blockRows, lanes, precision } };
      }
    }
    if (candidates.length === 0) {
      return none(`no native kernel for ${wanted} was made or installed on ${platform}`);
    }
    const sets = wanted ?? libraries.map(({ set }) => set).join(", ");
    return none(`this processor has not the instructions of ${sets}`);
  } catch (error) {
    return none(`the native kernel cannot be loaded: ${(error as Error).message}`);
  }
}

/** Loads a library and returns its functions, which take addresses. */
export function loadNative(file: string): Kernel {
  const koffi: Koffi = require("koffi");
  const library = koffi.load(file);
  const functions = Object.entries(kernelFunctions).map(([name, parameters]) => {
    const types = parameters.map((parameter) => (parameter === "block" ? "int" : "uintptr_t"));
    return [name, library.func(name, "void", types)];
  });
  return Object.fromEntries(functions) as Kernel;
}

/** The address of a buffer's first byte; shared buffers never move. */
export function addressOf(buffer: SharedArrayBuffer): number {
  const koffi: Koffi = require("koffi");
  return Number(koffi.address(new Uint8Array(buffer, 0, 1)));
}
