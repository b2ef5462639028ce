// Experiments in folders, the images that they name, and restored images in files, in Node.
export {
  type ChosenExperiment,
  chooseExperiment,
  type ExperimentChoice,
} from "./choose-experiment.js";
export { comparisonFiles, readComparedRuns, writeComparison } from "./comparison/files.js";
export { type FinishedDemo, finishDemo } from "./demo/files.js";
export { evaluationFiles, writeEvaluation } from "./evaluation-files.js";
export { createExperimentFolder, openExperimentFolder } from "./experiment-folder.js";
export { gatherExperiment } from "./gather-experiment.js";
export { type LoadedExperiment, loadExperiment } from "./load-experiment.js";
export { type ImagePlaces, namedImages } from "./named-images.js";
export { type FoundRate, findRate } from "./rates/find-rate.js";
export {
  type DamagedImages,
  type FileDamage,
  type RestorationFiles,
  readDamagedImages,
  restorationFiles,
  writeRestored,
} from "./restoration/files.js";
export { hasTensorBoardLog, TensorBoardLog } from "./tensorboard-log.js";
export { drawTrainingCurve } from "./training-curve-files.js";
