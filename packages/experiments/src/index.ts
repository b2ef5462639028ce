// What the paper (arXiv 2506.23546) shows, and what it leaves open, and what can be asked of any trained machine, as
// programs that run wherever JavaScript does.
export { age } from "./age/index.js";
export { bias } from "./bias/index.js";
export { classes } from "./classes/index.js";
export {
  type ComparedGroup,
  type ComparedRun,
  type Comparison,
  compareRuns,
  comparisonValue,
} from "./comparison/compare.js";
export {
  comparisonFigures,
  comparisonTables,
  groupName,
  valueText,
} from "./comparison/figures.js";
export type { ExperimentContext, ImageSource, TrainedNetwork } from "./context.js";
export { defineExperiment, type ExperimentDefinition } from "./define-experiment.js";
export { drawDemo } from "./demo/figures.js";
export { type DemoMeasures, type DemoResults, measureDemo, runDemo } from "./demo/measure.js";
export { demoSettings, publishedDemo } from "./demo/settings.js";
export { denoise } from "./denoise/index.js";
export { smallImages } from "./drawing.js";
export {
  type Evaluation,
  type EvaluationDetails,
  type EvaluationPlan,
  evaluate,
  type ImageMeasures,
  measureImages,
  requireEvaluable,
} from "./evaluation.js";
export {
  type Experiment,
  type Figure,
  type Finding,
  type Operations,
  type Row,
  type Scale,
  scaleNames,
  type Table,
  type Verdict,
  verdicts,
} from "./experiment.js";
export { costsOf, estimateSeconds, experimentNamed, experiments } from "./experiments.js";
export { exploration } from "./exploration/index.js";
export { fixedPoints } from "./fixed-points/index.js";
export { meaningsOf } from "./format.js";
export { givenSettings } from "./given-settings.js";
export { evaluationRow, heldOutEvaluation } from "./held-out-evaluation.js";
export { latent } from "./latent/index.js";
export { learnedDigits } from "./learned-digits.js";
export { memorisation } from "./memorisation/index.js";
export { oneChain } from "./one-chain/index.js";
export { oneSample } from "./one-sample/index.js";
export {
  suggestRate,
  TRIAL_UPDATES,
  type TriedRate,
  trialRates,
  tryRates,
} from "./rates/try-rates.js";
export { type ExperimentRecord, readRecord, type StageCost } from "./record.js";
export { regimes } from "./regimes/index.js";
export { type Report, tableCsv } from "./report.js";
export {
  drawEnergies,
  drawImages,
  energiesCsv,
  type ImagePanel,
} from "./restoration/figures.js";
export {
  type Damage,
  damageImages,
  meanRestored,
  measureRestored,
  type Relaxation,
  type RestorationPlan,
  type RestoredImage,
  restoreImages,
} from "./restoration/restore.js";
export {
  type ExperimentRun,
  runExperiment,
  runExperimentShard,
} from "./run-experiment.js";
export type { SamplingPlan } from "./sampling.js";
export { spectrum } from "./spectrum/index.js";
export { start } from "./start/index.js";
export { createMemoryStorage, type ExperimentStorage, type MemoryStorage } from "./storage.js";
export { trainingCurve } from "./training-curve.js";
