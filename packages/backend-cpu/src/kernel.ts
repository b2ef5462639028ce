// The kernel's functions as JavaScript sees them: numbers in, addresses as numbers.

type KernelFunction = (...values: number[]) => number;

/** The functions that compute, and their parameters: a for an address, i, u and f for numbers. */
export const signatures = {
  advance: "aaaaaaaaaaiiiiiiiuuuuuiifii",
  restart: "aiiiuuuuuu",
  measure: "aaaaaaaaiiiii",
  rates_and_speeds: "aaaaaiiii",
  correlate: "aaaafiiii",
  descend: "aaaaiiffffffffff",
  descend_block: "aaaaiiiiffffffffff",
  transpose: "aaiii",
} as const;

/** What every build of kernel/kernel.c offers. */
export type Kernel = Readonly<Record<keyof typeof signatures, KernelFunction>>;

/** What the layout of memory needs to know about a build. */
export interface KernelShape {
  /** Rows of a matrix block. */
  readonly blockRows: number;
  /** Rows of a vector. */
  readonly lanes: number;
}

/** The exports of a WebAssembly build. */
export interface WasmKernel extends Kernel {
  readonly block_rows: () => number;
  readonly lanes: () => number;
  readonly __stack_pointer: WebAssembly.Global;
  readonly __heap_base: WebAssembly.Global;
}

/** The functions of a WebAssembly build, on some memory. */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): WasmKernel {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as WasmKernel;
}

/** The shape of a WebAssembly build, and the first byte that it leaves free. */
export const shapeOf = (kernel: WasmKernel): KernelShape & { start: number } => ({
  blockRows: kernel.block_rows(),
  lanes: kernel.lanes(),
  start: kernel.__heap_base.value as number,
});
