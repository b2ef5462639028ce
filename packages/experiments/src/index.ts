// What the paper (arXiv 2506.23546) shows, and what it leaves open, as programs that run wherever JavaScript does.
export { age } from "./age/index.js";
export { bias } from "./bias/index.js";
export { classes } from "./classes/index.js";
export type { ExperimentContext, ImageSource, TrainedNetwork } from "./context.js";
export { denoise } from "./denoise/index.js";
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
export { experiments } from "./experiments.js";
export { exploration } from "./exploration/index.js";
export { fixedPoints } from "./fixed-points/index.js";
export { latent } from "./latent/index.js";
export { memorisation } from "./memorisation/index.js";
export { oneChain } from "./one-chain/index.js";
export { oneSample } from "./one-sample/index.js";
export { type ExperimentRecord, readRecord, type StageCost } from "./record.js";
export { regimes } from "./regimes/index.js";
export type { Report } from "./report.js";
export { type ExperimentRun, runExperiment } from "./run-experiment.js";
export type { SamplingPlan } from "./sampling.js";
export { spectrum } from "./spectrum/index.js";
export { start } from "./start/index.js";
export { createMemoryStorage, type ExperimentStorage, type MemoryStorage } from "./storage.js";
