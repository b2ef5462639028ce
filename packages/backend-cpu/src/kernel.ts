// The kernel's functions as JavaScript sees them: numbers in, addresses as numbers.
import type { SessionSpec } from "@neural-langevin/core";
import { type Layout, layOut } from "./layout.js";

type KernelFunction = (...values: number[]) => number;

/** What a build exports; kernel/kernel.c says what each of them does. */
export interface Kernel {
  readonly advance: KernelFunction;
  readonly restart: KernelFunction;
  readonly measure: KernelFunction;
  readonly turn: KernelFunction;
  readonly correlate: KernelFunction;
  readonly descend: KernelFunction;
  readonly descend_block: KernelFunction;
  readonly transpose: KernelFunction;
  readonly tile_rows: KernelFunction;
  readonly panel_lanes: KernelFunction;
  readonly __stack_pointer: WebAssembly.Global;
  readonly __heap_base: WebAssembly.Global;
}

/** The functions of a build, on some memory. */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernel {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernel;
}

/** A session's layout for the shape of this build. */
export function layOutFor(kernel: Kernel, spec: Required<SessionSpec>, threads: number): Layout {
  const shape = {
    tileRows: kernel.tile_rows(),
    panelLanes: kernel.panel_lanes(),
    heapBase: kernel.__heap_base.value as number,
  };
  return layOut(spec, shape, threads);
}
