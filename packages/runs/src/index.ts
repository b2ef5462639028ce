// Runs as settings, states and bytes, without a file system: wherever JavaScript runs.
export {
  encodeSafetensors,
  type OpenTensorFile,
  openSafetensors,
  type Tensor,
  type TensorFile,
} from "@neural-langevin/datasets";
export {
  type ArrayFile,
  type ArrayOptions,
  findArray,
  type NumberArray,
  networkOfArrays,
  openArrays,
  type RoundedNetwork,
  usualNames,
} from "./machine-arrays.js";
export {
  type Checkpoint,
  decodeCheckpoint,
  decodeMachine,
  decodeNetwork,
  encodeCheckpoint,
  encodeMachine,
  encodeNetwork,
  type LoadOptions,
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
  type MetricsRow,
  metricsText,
  parseMetrics,
} from "./run-layout.js";
export {
  completeSettings,
  type GivenSettings,
  readSettings,
  type Setting,
  settingAliases,
  settings,
  type TrainingSettings,
} from "./settings.js";
export { metricsOf, type RunSink, type RunTraining, trainRun } from "./train-run.js";
export {
  type DataOptions,
  type DataSettings,
  type Narrowing,
  narrowData,
  prepareData,
  type Split,
  sha256,
  type TrainingData,
} from "./training-data.js";
