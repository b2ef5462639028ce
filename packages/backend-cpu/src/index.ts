// The public interface of the processor backend.
export { type CpuBackendOptions, type CpuBuild, createCpuBackend } from "./backend.js";
