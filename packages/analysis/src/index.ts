// The public interface of the analysis package, by name.
export {
  type AdversarialAccuracy,
  type AdversarialAccuracyEstimate,
  adversarialAccuracy,
  adversarialAccuracyEstimate,
} from "./adversarial-accuracy.js";
export { type Chains, integratedTime } from "./autocorrelation.js";
export { type ClassMix, classEvenness, classMix } from "./class-mix.js";
export { type ClassTransitions, classTransitions, type Dwell, dwells } from "./class-sequences.js";
export {
  type Asymmetry,
  asymmetry,
  type CouplingStatistics,
  couplingStatistics,
} from "./couplings.js";
export { covariance, covarianceError } from "./covariance.js";
export {
  type DigitJudgement,
  JUDGE_CLASSES,
  JUDGE_FEATURES,
  judgeDigits,
} from "./digit-judge.js";
export {
  type DigitMeasures,
  measureDigits,
  NEAREST_AMONG,
  type RealDigits,
  realDigits,
} from "./digit-measures.js";
export {
  type EquilibriumLimits,
  type EquilibriumVerdict,
  type EquilibriumWatch,
  equilibriumVerdict,
  type ObservableReport,
  type WatchedChains,
  watchEquilibrium,
} from "./equilibrium.js";
export {
  type DistinctStates,
  distinctStates,
  type FixedPointSearch,
  type FixedPoints,
  findFixedPoints,
  jacobian,
  type Stability,
  stability,
} from "./fixed-points.js";
export { formatEstimate, formatNumber, formatShare } from "./format-estimate.js";
export { type FrechetReference, frechetDistance, frechetReference } from "./frechet-distance.js";
export {
  type HopfieldNetwork,
  type HopfieldRecall,
  type HopfieldRule,
  hopfieldNetwork,
  hopfieldRecall,
} from "./hopfield.js";
export { type Legibility, legibility } from "./legibility.js";
export {
  estimateLikelihood,
  type ImagesLikelihood,
  type Likelihood,
  type LikelihoodOfEach,
  type LikelihoodPlan,
  type LogPartitionEstimate,
  type LogPartitionVerdict,
} from "./likelihood.js";
export { type Memorisation, memorisedShare } from "./memorised-share.js";
export { type Neighbours, nearestNeighbours } from "./nearest-neighbours.js";
export { type PointSet, points } from "./points.js";
export { type PrincipalComponents, principalComponents } from "./principal-components.js";
export {
  negativeShare,
  type Quality,
  type QualityEstimate,
  quality,
  qualityEstimate,
} from "./quality.js";
export { medianFilter, nearestPatterns, restorationDistances } from "./restoration.js";
export { type Eigenvalues, eigenvalues, frobeniusNorm, spectralRadius } from "./spectrum.js";
export {
  type Estimate,
  jackknife,
  leastSquaresSlope,
  mean,
  meanEstimate,
  median,
  medianEstimate,
  shareEstimate,
  slopeEstimate,
} from "./statistics.js";
export { partitionDifference } from "./tempered-partition.js";
export { nearestDistance, nearestDistanceRatio, withinClassVarianceRatio } from "./variety.js";
