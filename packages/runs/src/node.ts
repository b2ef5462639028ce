// Runs and machines on disk, in Node.
export { loadMachine, saveMachine } from "./machine-on-disk.js";
export { type FolderKind, OwnFolder } from "./own-folder.js";
export { createRun, isRun, openRun, RunFolder, readSettingsFile } from "./run-folder.js";
export { systemFailure } from "./system-failure.js";
export { NpyStream, type TrajectoryFiles, writeTrajectory } from "./trajectory.js";
export { readWhole, writeWhole } from "./whole-file.js";
