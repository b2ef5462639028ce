// What may be chosen, in types of its own: TensorFlow.js is an optional peer, whose types may be missing where this
// package is compiled with.

/**
 * `node-gpu`: CUDA through tfjs-node-gpu; `node`: native code through tfjs-node; `wasm`, `cpu` (plain JavaScript),
 * `webgl`, `webgpu`: the packages tfjs-backend-*.
 */
export type TfjsPlatform = "node-gpu" | "node" | "wasm" | "cpu" | "webgl" | "webgpu";

/** TensorFlow.js as a program has it: the module of tfjs, tfjs-core, tfjs-node or tfjs-node-gpu. */
export interface TensorFlow {
  /** The version of tfjs-core. */
  readonly version_core: string;
  /** The name of the active backend. */
  getBackend(): string;
  /** Makes another backend the active one; false where it cannot be. */
  setBackend(name: string): Promise<boolean>;
  /** Resolves when the active backend can compute. */
  ready(): Promise<void>;
}

/** The folder of the .wasm files, or the address of each by its name. */
export type WasmPaths = string | Readonly<Record<string, string>>;

/** What may be chosen about the TensorFlow.js backend. */
export interface TfjsBackendOptions {
  /**
   * What to compute on. Unless given, the first that is there: in Node node-gpu, node, wasm, cpu; in a browser
   * webgpu, webgl, wasm, cpu.
   */
  readonly platform?: TfjsPlatform | undefined;
  /**
   * `shared` unless given: the counter-based noise of core. `native`: TensorFlow's own, on `node-gpu` and `node`, which the
   * graphics card makes without waiting for the host. The same seed then gives other numbers than on other devices, and
   * what a chain sees depends on the chains that are opened with it.
   */
  readonly noise?: "shared" | "native" | undefined;
  /** A TensorFlow.js that is loaded already; it computes on its active backend, or on `platform`. */
  readonly tf?: TensorFlow | undefined;
  /**
   * In a browser, the folder of the .wasm files of `@tensorflow/tfjs-backend-wasm` or the address of each; in Node
   * they are found beside the package.
   */
  readonly wasmPaths?: WasmPaths | undefined;
}
