// The contract where gpu.js computes on the processor, which is everywhere.
import { createGpuJsBackend } from "@neural-langevin/backend-gpujs";
import { testBackend } from "@neural-langevin/backend-testkit/vitest";

await testBackend("gpujs, WebAssembly", () => createGpuJsBackend({ mode: "webasm" }));
await testBackend("gpujs, JavaScript", () => createGpuJsBackend({ mode: "cpu" }));
