// Machines and checkpoints as bytes; runs wherever JavaScript does.
export * from "./machine-file.js";
export {
  checkpointName,
  checkpointUpdate,
  type Manifest,
  type MetricsRow,
  metricsText,
  parseMetrics,
} from "./run-layout.js";
export * from "./safetensors.js";
