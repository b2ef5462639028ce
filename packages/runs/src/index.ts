// Runs and what a trained machine does, as settings, states and bytes, without a file system: wherever JavaScript runs.

export {
  encodeSafetensors,
  type OpenTensorFile,
  openSafetensors,
  type Tensor,
  type TensorFile,
} from "@neural-langevin/datasets";
export {
  averagedRates,
  type ChainsPlan,
  followChains,
  openChains,
  placeChains,
  runChains,
} from "./chains.js";
export type { SettingChanges } from "./changed-settings.js";
export { CLASSIFYING_STEPS, type ClassificationPlan, classify } from "./classify.js";
export { type CompletionPlan, complete } from "./complete.js";
export {
  cooling,
  type Dynamics,
  dynamicsOf,
  type GivenDynamics,
  type TrainedMachine,
} from "./dynamics.js";
export { bestEvaluation, type EarlyStop, type StopMeasure, stopMeasures } from "./early-stop.js";
export type { HeldOutEvaluation } from "./evaluations.js";
export { FILE_LIST, fileListText } from "./file-list.js";
export {
  askForLabels,
  type GenerationPlan,
  generate,
  labelsByName,
  requireLabelUnits,
} from "./generate.js";
export {
  type ArrayOptions,
  type ExportFormat,
  exportFormats,
  exportNetwork,
  type ImportedNetwork,
  importNetwork,
  type NamedFile,
} from "./machine-arrays.js";
export {
  type Checkpoint,
  decodeCheckpoint,
  decodeMachine,
  decodeNetwork,
  encodeCheckpoint,
  encodeMachine,
  encodeNetwork,
  type LearnedData,
  type LoadMachineOptions,
  learnedData,
  networkOfCheckpoint,
  pixelsOf,
  type StoredNetwork,
} from "./machine-file.js";
export {
  formatNegativePhase,
  type NegativePhaseDetails,
  parseNegativePhase,
} from "./negative-phase-name.js";
export { chainStartOf, initialNetwork, planOf, sessionOf, settingsOfPlan } from "./plan.js";
export {
  type ComputedBy,
  type CurrentRunState,
  computedBy,
  isManifest,
  type Manifest,
  newManifest,
  type Origin,
  type Resumption,
  type RunState,
  runFormat,
} from "./provenance.js";
export {
  checkpointName,
  checkpointUpdate,
  checkpointUpdates,
  EVALUATIONS_FILE,
  METRICS_FILE,
  type MetricsRow,
  metricsText,
  parseMetrics,
} from "./run-layout.js";
export {
  type SampledFrame,
  type SamplePlan,
  sampleMachine,
  stepsPerSweep,
  type Tempered,
} from "./sample-machine.js";
export {
  completeSettings,
  type GivenSettings,
  readSettings,
  requireEffect,
  type Setting,
  settingAliases,
  settings,
  type TrainingSettings,
} from "./settings.js";
export { piecesOf, readShard, type Shard } from "./shard.js";
export { parseSplit, SPLIT_FILE, type Split } from "./split.js";
export { type SweepMember, sweepMembers } from "./sweep.js";
export { type TemperedFrame, temperChains } from "./temper-chains.js";
export {
  type EventValue,
  encodeEvent,
  encodeEventsStart,
  type TrainingEvent,
} from "./tensorboard-events.js";
export { readTimeLimit } from "./time-limit.js";
export { metricsOf, type RunSink, type RunTraining, trainRun } from "./train-run.js";
export {
  type DataOptions,
  type DataSettings,
  type Narrowing,
  narrowData,
  prepareData,
  requireImages,
  requireImagesOf,
  sha256,
  type TrainingData,
} from "./training-data.js";
