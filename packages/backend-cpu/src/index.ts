// The public interface of the processor backend.
export { type CpuBackendOptions, createCpuBackend } from "./backend.js";
