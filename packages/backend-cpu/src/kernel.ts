// The kernel's functions as JavaScript sees them: numbers in, addresses as numbers.

type KernelFunction = (...values: number[]) => number;

/** The functions that compute, and their parameters: a for an address, i, u and f for numbers. */
export const signatures = {
  advance: "aaaaaaaaaaaaiiiiiiiuuuuuiifii",
  restart: "aiiiuuuuuu",
  measure: "aaaaaaaaaaiiiii",
  rates_and_speeds: "aaaaaaaiiii",
  correlate: "aaaafiiii",
  descend: "aaaaiiffffffffff",
  descend_block: "aaaaiiiiffffffffff",
  factorise: "aaaiii",
} as const;

/** What every build of kernel/kernel.c offers. */
export type Kernel = Readonly<Record<keyof typeof signatures, KernelFunction>>;

/** What the layout of memory needs to know about a build. */
export interface KernelShape {
  /** Rows of a matrix block. */
  readonly blockRows: number;
  /** Rows of a vector. */
  readonly lanes: number;
  /** What its products multiply. */
  readonly precision: "float32" | "bf16";
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
  precision: "float32",
  start: kernel.__heap_base.value as number,
});
