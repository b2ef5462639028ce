// The public interface of the TensorFlow.js backend.
export { createTfjsBackend, type TfjsBackendOptions } from "./backend.js";
export type { TensorFlow, TfjsPlatform } from "./platform.js";
