// One instance of gpu.js: matrices that stay where its kernels compute, kernels that are proved to be of the
// kind that was asked for, and waiting for what was enqueued.
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import type {
  GpuClass,
  GpuInstance,
  GpuJsMode,
  KernelShortcut,
  NativeFunction,
  Texture,
} from "./library.js";
import { allowRefilling } from "./refill.js";

/** Rows of a matrix in memory, or a texture. */
export type Matrix = Float32Array[] | Texture;

/** Columns and rows. */
export interface Shape {
  readonly columns: number;
  readonly rows: number;
}

/** Sizes that a device can hold. */
export interface Limits {
  /** Longest side of a matrix. */
  readonly side: number;
  /** Most elements of a matrix. */
  readonly elements: number;
}

/** A kernel of one shape. */
export interface Kernel {
  run(...values: (Matrix | number)[]): Matrix;
  destroy(): void;
}

// What a device must give back unchanged: 1 + 2⁻²³ and large and small numbers show float32 in arithmetic and storage.
const PROBE = Float32Array.of(1 + 2 ** -23, -(2 ** 100 + 2 ** 77), 2 ** -100, 0);

const sourceOfProbe = `function (values) {
  return values[this.thread.y][this.thread.x] + 0;
}`;

/** What was wrong with a GL context, in the words of a browser's console. */
const glErrors: Readonly<Record<number, string>> = {
  1280: "invalid enum",
  1281: "invalid value",
  1282: "invalid operation",
  1285: "out of memory",
  1286: "invalid framebuffer operation",
};

export class Device {
  readonly mode: GpuJsMode;
  readonly label: string;
  readonly limits: Limits;
  readonly #gpu: GpuInstance;
  readonly #context: WebGL2RenderingContext | WebGLRenderingContext | null;

  /** @throws unavailable where kernels of this mode do not run, or run as something else */
  constructor(GPU: GpuClass, mode: GpuJsMode) {
    this.mode = mode;
    try {
      this.#gpu = new GPU({ mode });
    } catch (cause) {
      throw new LangevinError("unavailable", whyNot(mode), remedies[mode], { cause });
    }
    try {
      const probe = this.kernel(sourceOfProbe, { columns: 2, rows: 2 });
      const context = this.#gpu.context as WebGL2RenderingContext | WebGLRenderingContext | null;
      if (mode === "headlessgl" && context) allowRefilling(context);
      const found = this.download(probe.run([PROBE.subarray(0, 2), PROBE.subarray(2, 4)]), {
        columns: 2,
        rows: 2,
      });
      probe.destroy();
      if (!found.every((value, at) => value === PROBE[at])) {
        throw new LangevinError("unavailable", `${mode} does not compute in float32 here.`);
      }
      this.#context = context;
      const isGl = mode === "headlessgl" || mode === "webgl2" || mode === "webgl";
      if (isGl !== (this.#context !== null)) {
        throw new LangevinError("unavailable", `gpu.js has no GL context in the mode ${mode}.`);
      }
      this.#clearErrors();
    } catch (error) {
      void this.#gpu.destroy();
      if (isLangevinError(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new LangevinError(
        "unavailable",
        `${mode} cannot compute in float32: ${reason}`,
        undefined,
        {
          cause: error,
        },
      );
    }
    this.label = describe(mode, this.#context);
    this.limits = limitsOf(mode, this.#context);
  }

  /**
   * A kernel whose output has this shape. It makes a new matrix at every run; whoever has it releases it.
   * Compiled at its first run.
   *
   * @param functions what it may call beside the functions of gpu.js
   * @throws unavailable at a run that gpu.js moved to another kind of kernel
   */
  kernel(
    source: string,
    { columns, rows }: Shape,
    constants: Record<string, number> = {},
    functions: readonly NativeFunction[] = [],
  ): Kernel {
    const shortcut: KernelShortcut = this.#gpu.createKernel(source, {
      output: [columns, rows],
      constants,
      constantTypes: Object.fromEntries(Object.keys(constants).map((name) => [name, "Integer"])),
      loopMaxIterations: Math.max(1, ...Object.values(constants)),
      precision: "single",
      tactic: "precision",
      nativeFunctions: functions,
      pipeline: true,
      immutable: true,
    });
    const due = this.#gpu.Kernel;
    return {
      run: (...values) => {
        const result = shortcut(...values);
        // gpu.js replaces kernels that it cannot build by others that compute on the processor.
        if (shortcut.kernel.constructor !== due || (due.mode === "cpu") !== (this.mode === "cpu")) {
          throw new LangevinError(
            "unavailable",
            `gpu.js did not run a kernel in the mode ${this.mode}, but on the processor.`,
            'Choose the mode "webasm" or "cpu" by name.',
          );
        }
        return result as Matrix;
      },
      destroy: () => shortcut.destroy(),
    };
  }

  /** Whether matrices are textures, which must be filled by a kernel. */
  get hasTextures(): boolean {
    return this.#context !== null;
  }

  /** Whether kernels have whole numbers of 32 bits, of which the noise is made. */
  get hasWords(): boolean {
    return this.mode === "webgl2";
  }

  /** The values of a matrix, row by row. */
  download(matrix: Matrix, { columns, rows }: Shape): Float32Array {
    const values = new Float32Array(columns * rows);
    const found = Array.isArray(matrix) ? matrix : matrix.toArray();
    for (let row = 0; row < rows; row++) values.set(found[row]!, row * columns);
    return values;
  }

  /** Frees a matrix that nobody needs any more. */
  release(matrix: Matrix): void {
    if (!Array.isArray(matrix)) matrix.delete();
  }

  /** Resolves when everything enqueued has been computed. */
  async finish(): Promise<void> {
    const gl = this.#context as WebGL2RenderingContext | null;
    if (gl === null) return;
    if (this.mode !== "webgl2") {
      gl.finish();
      return;
    }
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    if (fence === null) return;
    gl.flush();
    while (gl.clientWaitSync(fence, 0, 0) === gl.TIMEOUT_EXPIRED && !gl.isContextLost()) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    gl.deleteSync(fence);
  }

  /** device-lost when the context is gone, device-failed for what GL reports since this was last asked. */
  failure(): LangevinError | undefined {
    const gl = this.#context;
    if (gl === null) return undefined;
    if (gl.isContextLost()) {
      return new LangevinError(
        "device-lost",
        "The GL context was lost.",
        "Open the backend anew and write back the states that were read last.",
      );
    }
    const code = gl.getError();
    if (code === gl.NO_ERROR) return undefined;
    this.#clearErrors();
    return new LangevinError("device-failed", `GL reports: ${glErrors[code] ?? `error ${code}`}.`);
  }

  destroy(): Promise<void> {
    return this.#gpu.destroy();
  }

  #clearErrors(): void {
    const gl = this.#context;
    if (gl === null) return;
    for (let tries = 0; tries < 16 && gl.getError() !== gl.NO_ERROR; tries++);
  }
}

const remedies: Readonly<Partial<Record<GpuJsMode, string>>> = {
  headlessgl: "Install the package gl, and run under an X display, for example with xvfb-run -a.",
  webgl2: "Open the page in a browser with WebGL 2, or choose another mode.",
  webgl: "Open the page in a browser with WebGL, or choose another mode.",
};

/** Why gpu.js does not know a mode on this machine. */
function whyNot(mode: GpuJsMode): string {
  if (mode === "webgl2" || mode === "webgl") {
    return typeof document === "undefined" && typeof OffscreenCanvas === "undefined"
      ? `The mode ${mode} needs a browser.`
      : `This browser cannot open a ${mode} context.`;
  }
  if (mode === "webasm") return "This engine has no WebAssembly.";
  if (typeof process === "undefined" || typeof document !== "undefined") {
    return "The mode headlessgl needs Node.";
  }
  const { createRequire } = process.getBuiltinModule("node:module");
  try {
    createRequire(import.meta.url).resolve("gl");
  } catch {
    return "The package gl, which the mode headlessgl needs, is not installed.";
  }
  return process.env.DISPLAY || process.platform !== "linux"
    ? "The package gl cannot open a GL context."
    : "The package gl cannot open a GL context, because there is no X display.";
}

/** What computes, in words. */
function describe(
  mode: GpuJsMode,
  gl: WebGL2RenderingContext | WebGLRenderingContext | null,
): string {
  if (gl === null) return mode === "cpu" ? "JavaScript" : "WebAssembly";
  const debug = gl.getExtension("WEBGL_debug_renderer_info");
  const unmasked = debug && gl.getParameter(debug.UNMASKED_RENDERER_WEBGL);
  return unmasked || `${gl.getParameter(gl.RENDERER)}, ${gl.getParameter(gl.VERSION)}`;
}

/**
 * Sizes within the longest texture, and within indices that stay exact: WebGL 1 may compute integers in
 * float32. Where kernels run in memory, four matrices must fit into the 2 GiB that WebAssembly of gpu.js addresses.
 */
function limitsOf(
  mode: GpuJsMode,
  gl: WebGL2RenderingContext | WebGLRenderingContext | null,
): Limits {
  if (gl === null) return { side: 2 ** 20, elements: 2 ** 26 };
  const side = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number;
  return { side, elements: Math.min(side * side, mode === "webgl2" ? 2 ** 26 : 2 ** 24) };
}
