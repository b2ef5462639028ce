// The public interface of the analysis package: what its users call, by name.
export { type AdversarialAccuracy, adversarialAccuracy } from "./adversarial-accuracy.js";
export {
  type AnnealingPlan,
  annealBackward,
  annealForward,
  bennettLogPartition,
  evenPath,
  type LogPartition,
  logLikelihood,
  logPartitionAtRest,
} from "./annealed-importance.js";
export {
  autocorrelation,
  autocovariance,
  type Chains,
  effectiveSampleSize,
  integratedTime,
} from "./autocorrelation.js";
export { type ClassMix, classMix } from "./class-mix.js";
export * from "./class-sequences.js";
export * from "./convergence.js";
export { covariance, covarianceError } from "./covariance.js";
export * from "./equilibrium.js";
export * from "./fixed-points.js";
export * from "./hopfield.js";
export * from "./memorised-share.js";
export { type Neighbours, nearestNeighbours } from "./nearest-neighbours.js";
export { type PointSet, points } from "./points.js";
export { type PrincipalComponents, principalComponents } from "./principal-components.js";
export { negativeShare, type Quality, quality } from "./quality.js";
export { medianFilter, nearestPatterns, restorationDistances } from "./restoration.js";
export {
  type Asymmetry,
  asymmetry,
  type Eigenvalues,
  eigenvalues,
  frobeniusNorm,
  spectralRadius,
} from "./spectrum.js";
export { type Estimate, leastSquaresSlope, mean, meanEstimate } from "./statistics.js";
