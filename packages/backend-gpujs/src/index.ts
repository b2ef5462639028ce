// The public interface of the gpu.js backend.
export { createGpuJsBackend, type GpuJsBackendOptions } from "./backend.js";
export type { GpuClass, GpuJsMode } from "./library.js";
