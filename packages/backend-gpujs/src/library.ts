// The little of gpu.js that is used, its modes, and how it is loaded. gpu.js is loaded when a backend is
// created and not before, because in a browser it puts its own class in the place of the global `GPU`.

/** Where gpu.js computes. */
export type GpuJsMode = "headlessgl" | "webgl2" | "webgl" | "webasm" | "cpu";

/** Every mode, in the order in which they are tried. */
export const modes: readonly GpuJsMode[] = ["headlessgl", "webgl2", "webgl", "webasm", "cpu"];

/** A texture that a kernel made. */
export interface Texture {
  toArray(): Float32Array[];
  delete(): void;
}

/** A function in GLSL that kernels of the GL modes may call. */
export interface NativeFunction {
  readonly name: string;
  readonly source: string;
  readonly returnType: "Float";
  readonly argumentTypes: Readonly<Record<string, "Integer" | "Float">>;
}

/** A kernel of gpu.js; `kernel` is what really runs, and gpu.js may replace it. */
export interface KernelShortcut {
  (...values: unknown[]): unknown;
  readonly kernel: object;
  destroy(): void;
}

/** An instance of gpu.js. */
export interface GpuInstance {
  /** The class of the kernels of the mode that was asked for. */
  readonly Kernel: { readonly mode?: string };
  /** The GL context, once a kernel was created; without its type, which not every program is compiled with. */
  readonly context: object | null;
  createKernel(source: string, settings: object): KernelShortcut;
  destroy(): Promise<void>;
}

/** The class `GPU` of gpu.js. */
export type GpuClass = new (settings: { mode: GpuJsMode }) => GpuInstance;

/** Loads gpu.js, and gives the global `GPU` back to whom it belonged. */
export async function loadGpuJs(): Promise<GpuClass> {
  const before = Object.getOwnPropertyDescriptor(globalThis, "GPU");
  const { GPU } = await import("#gpu");
  if (before) Object.defineProperty(globalThis, "GPU", before);
  else Reflect.deleteProperty(globalThis, "GPU");
  return GPU;
}
