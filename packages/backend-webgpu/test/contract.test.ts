// The contract in Node, on whatever adapter the package `webgpu` finds.

import { testBackend } from "@neural-langevin/backend-testkit/vitest";
import { createWebGpuBackend } from "@neural-langevin/backend-webgpu";

await testBackend("webgpu, in Node", () => createWebGpuBackend());
