// Runs and machines on disk, in Node.
export { loadMachine, saveMachine } from "./machine-on-disk.js";
export { createRun, isRun, openRun, RunFolder, readSettingsFile } from "./run-folder.js";
export { readWhole, writeWhole } from "./whole-file.js";
