// Runs on disk, in Node.
export * from "./run-folder.js";
export { readWhole, writeWhole } from "./whole-file.js";
