// TensorFlow.js as the autoencoder uses it: optional peers, imported when they are needed.
import { LangevinError } from "@neural-langevin/core";
import type * as Core from "@tensorflow/tfjs-core";
import type * as Layers from "@tensorflow/tfjs-layers";

/** TensorFlow.js and its layers. */
export interface TensorFlow {
  readonly tf: typeof Core;
  readonly layers: typeof Layers;
}

const packages = {
  "@tensorflow/tfjs-core": (): Promise<unknown> => import("@tensorflow/tfjs-core"),
  "@tensorflow/tfjs-layers": (): Promise<unknown> => import("@tensorflow/tfjs-layers"),
  "@tensorflow/tfjs-backend-wasm": (): Promise<unknown> => import("@tensorflow/tfjs-backend-wasm"),
};

/**
 * Imports TensorFlow.js and lets it run on WebAssembly.
 *
 * @throws unavailable, where one of the packages cannot be imported
 */
export async function loadTensorFlow(from = packages): Promise<TensorFlow> {
  // The packages are CommonJS.
  const moduleOf = <T>(imported: unknown) =>
    ((imported as { default?: T }).default ?? imported) as T;
  try {
    const tf = moduleOf<typeof Core>(await from["@tensorflow/tfjs-core"]());
    const layers = moduleOf<typeof Layers>(await from["@tensorflow/tfjs-layers"]());
    await from["@tensorflow/tfjs-backend-wasm"]();
    await tf.setBackend("wasm");
    return { tf, layers };
  } catch (error) {
    throw new LangevinError(
      "unavailable",
      "The autoencoder needs TensorFlow.js layers, which are not installed.",
      `Install them with: npm install ${Object.keys(packages).join(" ")}`,
      { cause: error },
    );
  }
}
