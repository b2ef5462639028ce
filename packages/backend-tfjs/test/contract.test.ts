// The contract on every platform of Node: WebAssembly and plain JavaScript always, the native addon where
// tooling/build-tfjs-node.mjs has built it and NLM_TFJS_NODE names its folder.
import { createRequire } from "node:module";
import { join } from "node:path";
import { testBackend } from "@neural-langevin/backend-testkit/vitest";
import { createTfjsBackend } from "@neural-langevin/backend-tfjs";
import { LangevinError } from "@neural-langevin/core";

await testBackend("tfjs, wasm", () => createTfjsBackend({ platform: "wasm" }), { required: true });
await testBackend("tfjs, cpu", () => createTfjsBackend({ platform: "cpu" }), { required: true });
await testBackend("tfjs, node", async () => {
  const folder = process.env.NLM_TFJS_NODE;
  if (!folder) {
    throw new LangevinError(
      "unavailable",
      "NLM_TFJS_NODE names no folder made by tooling/build-tfjs-node.mjs.",
    );
  }
  const tf = createRequire(join(folder, "package.json"))("@tensorflow/tfjs-node");
  return createTfjsBackend({ tf });
});
