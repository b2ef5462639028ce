// The kernel's functions as JavaScript sees them: addresses as numbers.

/** The functions that compute, and what they take: addresses of structures, and a block of rows by its number. */
export const kernelFunctions = {
  advance: ["session", "run"],
  draw: ["session", "run"],
  energy: ["session", "run"],
  virial: ["session", "run"],
  rates_and_speeds: ["session", "run"],
  correlate: ["session", "run", "block"],
  descend: ["session", "update", "block"],
  average: ["session", "run", "block"],
  factorise: ["session", "block"],
} as const;

type Numbers<List extends readonly unknown[]> = { -readonly [At in keyof List]: number };

/** What every build of kernel/kernel.c offers. */
export type Kernel = {
  readonly [Name in keyof typeof kernelFunctions]: (
    ...values: Numbers<(typeof kernelFunctions)[Name]>
  ) => void;
};

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
