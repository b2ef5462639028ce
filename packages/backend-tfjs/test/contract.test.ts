// The contract on what every machine with Node has: WebAssembly and plain JavaScript.

import { testBackend } from "@neural-langevin/backend-testkit/vitest";
import { createTfjsBackend } from "@neural-langevin/backend-tfjs";

await testBackend("tfjs, wasm", () => createTfjsBackend({ platform: "wasm" }), { required: true });
await testBackend("tfjs, cpu", () => createTfjsBackend({ platform: "cpu" }), { required: true });
