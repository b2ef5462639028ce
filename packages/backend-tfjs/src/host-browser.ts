// TensorFlow.js in a browser: graphics devices first. Every import is a literal, so that bundlers find it.
import type { Host } from "./platform.js";

/** TensorFlow.js wants an address of its threaded build too, which is never fetched. */
const unused = { "tfjs-backend-wasm-threaded-simd.wasm": "" };

export const host: Host = {
  order: ["webgpu", "webgl", "wasm", "cpu"],
  processor: { label: undefined, threads: 1 },
  async load(platform, wasmPaths) {
    const tf = await import("@tensorflow/tfjs-core");
    switch (platform) {
      case "webgpu":
        await import("@tensorflow/tfjs-backend-webgpu");
        break;
      case "webgl":
        await import("@tensorflow/tfjs-backend-webgl");
        break;
      case "wasm": {
        const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
        // Its threads do not survive a bundler: the worker's source is a function that was renamed.
        tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
        if (wasmPaths !== undefined && !("wasm" in tf.engine().registry)) {
          const all = { ...unused, ...(typeof wasmPaths === "object" && wasmPaths) };
          setWasmPaths(typeof wasmPaths === "string" ? wasmPaths : all);
        }
        break;
      }
      default:
        await import("@tensorflow/tfjs-backend-cpu");
    }
    return tf;
  },
  wasmThreads: async () => 1,
};
