// The public interface of the WebGPU backend.
export { createWebGpuBackend, type WebGpu, type WebGpuBackendOptions } from "./backend.js";
