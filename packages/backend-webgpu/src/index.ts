// The public interface of the WebGPU backend.
export { createWebGpuBackend, type WebGpuBackendOptions } from "./backend.js";
