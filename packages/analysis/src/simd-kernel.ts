// Small WebAssembly SIMD kernels that compute on arrays in memory of their own. One is compiled when it is first asked for,
// and kept.

const PAGE = 2 ** 16;
/** A kernel's own place, below the arrays. */
const BASE = 2 * PAGE;

/** A kernel with its memory, in which arrays lie one behind the other. */
export interface OpenedKernel<Call> {
  /** The kernel, which takes addresses. */
  readonly call: Call;
  /** Addresses of the arrays, in the order in which their sizes were given. */
  readonly at: readonly number[];
  /** The memory; it never grows. */
  readonly buffer: ArrayBuffer;
}

/** A kernel that may be opened any number of times. */
export class SimdKernel<Call> {
  readonly #binary: string;
  readonly #name: string;
  #compiled: WebAssembly.Module | false | undefined;

  /**
   * @param binary WebAssembly in base64, which imports its memory as `env.memory`
   * @param name of the function that it exports
   */
  constructor(binary: string, name: string) {
    this.#binary = binary;
    this.#name = name;
  }

  /**
   * Opens the kernel with memory for arrays of these sizes.
   *
   * @param sizes in bytes, each a multiple of what an element of its array takes
   * @returns undefined where WebAssembly SIMD does not run
   */
  open(sizes: readonly number[]): OpenedKernel<Call> | undefined {
    const module = this.#compile();
    if (!module) return undefined;
    let end = BASE;
    const at = sizes.map((size) => {
      end += size;
      return end - size;
    });
    const memory = new WebAssembly.Memory({ initial: Math.ceil(end / PAGE) });
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    return { call: exports[this.#name] as Call, at, buffer: memory.buffer };
  }

  /** Whether WebAssembly SIMD runs here. */
  get runs(): boolean {
    return this.#compile() !== false;
  }

  #compile(): WebAssembly.Module | false {
    if (this.#compiled !== undefined) return this.#compiled;
    const bytes = Uint8Array.from(atob(this.#binary), (character) => character.charCodeAt(0));
    const runs = typeof WebAssembly === "object" && WebAssembly.validate(bytes);
    this.#compiled = runs && new WebAssembly.Module(bytes);
    return this.#compiled;
  }
}
