// The public interface of the TensorFlow.js backend.
export { createTfjsBackend } from "./backend.js";
export type { TensorFlow, TfjsBackendOptions, TfjsPlatform } from "./options.js";
