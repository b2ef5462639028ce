// Runs on disk, in Node.
export * from "./run-folder.js";
export type { Manifest, MetricsRow } from "./run-layout.js";
export { readWhole, writeWhole } from "./whole-file.js";
