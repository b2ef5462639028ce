// Calls of native kernels through koffi, in a worker. koffi comes as a path, because a worker may be a text that stands
// in no folder from which packages are found.
import { createRequire } from "node:module";
import { type Kernel, type KernelShape, kernelFunctions } from "./kernel.js";

/** A native library that fits this processor. */
export interface NativeLibrary extends KernelShape {
  readonly file: string;
  /** The file of the package koffi that calls it. */
  readonly koffi: string;
}

const load = (file: string): typeof import("koffi").default => createRequire(file)(file);

/** Loads a library and returns its functions, which take addresses. */
export function loadNative({ file, koffi }: Pick<NativeLibrary, "file" | "koffi">): Kernel {
  const library = load(koffi).load(file);
  const functions = Object.entries(kernelFunctions).map(([name, parameters]) => {
    const types = parameters.map((parameter) => (parameter === "block" ? "int" : "uintptr_t"));
    return [name, library.func(name, "void", types)];
  });
  return Object.fromEntries(functions) as Kernel;
}

/** The address of a buffer's first byte; shared buffers never move. */
export function addressOf(buffer: SharedArrayBuffer, koffi: string): number {
  return Number(load(koffi).address(new Uint8Array(buffer, 0, 1)));
}
