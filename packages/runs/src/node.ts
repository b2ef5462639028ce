// Runs and machines on disk, in Node.
export {
  type BackendModule,
  type BackendModuleOptions,
  findBackendModule,
} from "./backend-module.js";
export { type CommandRecord, commandRecord } from "./command-record.js";
export { loadEvaluationData } from "./evaluation-data.js";
export type { FolderKind } from "./file-list.js";
export { settingsOfMachine } from "./fine-tuning.js";
export { imageNames, readCounterparts, readImageFiles, readMask } from "./image-files.js";
export { type ImagesToClassify, imagesToClassify } from "./images-to-classify.js";
export { type ImportedRun, importRun } from "./import-run.js";
export { type ArraySummary, type Inspection, inspect } from "./inspect.js";
export { type DataPlaces, loadData, loadRunData, readImages, readSamples } from "./load-data.js";
export { type LoadedNetwork, loadNetwork, provenanceOf } from "./load-network.js";
export { loadMachine, saveMachine } from "./machine-on-disk.js";
export {
  beginTraining,
  type Continuation,
  type NamedBackend,
  type NewTraining,
  type OpenedTraining,
  resumeTraining,
} from "./open-training.js";
export { originOf } from "./origin.js";
export { nextFreePath, requireWritable } from "./outputs.js";
export { OwnFolder } from "./own-folder.js";
export { findModule, importModule, type OwnModule } from "./own-module.js";
export { createRun, isRun, openRun, RunFolder, readSettingsFile } from "./run-folder.js";
export {
  type SampleFiles,
  sampleFiles,
  type WrittenSamples,
  writeSamples,
} from "./sample-files.js";
export { readPins, readStart } from "./sampling-start.js";
export { servedFiles } from "./served-files.js";
export {
  type MemberPlace,
  readSweepFile,
  runSweep,
  type SweptMember,
  sweepStates,
} from "./sweep-folder.js";
export { NpyStream, type TrajectoryFiles, writeTrajectory } from "./trajectory.js";
export { cacheFile, keepCached, readCached } from "./user-cache.js";
export { readWhole, writeWhole } from "./whole-file.js";
