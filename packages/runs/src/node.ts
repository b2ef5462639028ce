// Runs and machines on disk, in Node.

export type { FolderKind } from "./file-list.js";
export { loadMachine, saveMachine } from "./machine-on-disk.js";
export { OwnFolder } from "./own-folder.js";
export { createRun, isRun, openRun, RunFolder, readSettingsFile } from "./run-folder.js";
export { systemFailure } from "./system-failure.js";
export { readWhole, writeWhole } from "./whole-file.js";
