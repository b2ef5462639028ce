// Runs the contract in a page and leaves the outcome where the test looks for it. Large networks and long statistics are
// computed by the same device code in Node.
import { verifyBackend } from "@neural-langevin/backend-testkit";
import { createWebGpuBackend } from "@neural-langevin/backend-webgpu";

globalThis.outcome = verifyBackend(() => createWebGpuBackend(), { level: "quick" });
