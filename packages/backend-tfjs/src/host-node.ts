// TensorFlow.js in Node: native packages first.
import { availableParallelism, cpus } from "node:os";
import util from "node:util";
import type { Host, TensorFlow } from "./platform.js";

/** The module itself where it is CommonJS, as the native packages are. */
const moduleOf = (imported: { default?: unknown }): TensorFlow =>
  (imported.default ?? imported) as TensorFlow;

// What Node 23 took away, and tfjs-node 4.22, the last release, calls with every tensor.
const older = util as { isNullOrUndefined?: (value: unknown) => boolean };

export const host: Host = {
  order: ["node-gpu", "node", "wasm", "cpu"],
  processor: { label: cpus()[0]?.model.trim(), threads: availableParallelism() },
  async load(platform) {
    switch (platform) {
      case "node-gpu":
      case "node": {
        // Not a literal, because their types are not there to compile with.
        const name: string = `@tensorflow/tfjs-${platform}`;
        return moduleOf(await import(name));
      }
      case "wasm":
        await import("@tensorflow/tfjs-backend-wasm");
        break;
      default:
        await import("@tensorflow/tfjs-backend-cpu");
    }
    return moduleOf(await import("@tensorflow/tfjs-core"));
  },
  mendNative() {
    older.isNullOrUndefined ??= (value) => value === null || value === undefined;
  },
  // TensorFlow.js starts no threads in Node.
  wasmThreads: async () => 1,
};
