// The public interface of the analysis package.
export * from "./adversarial-accuracy.js";
export * from "./annealed-importance.js";
export {
  autocorrelation,
  autocovariance,
  type Chains,
  effectiveSampleSize,
  integratedTime,
} from "./autocorrelation.js";
export * from "./class-mix.js";
export * from "./class-sequences.js";
export * from "./convergence.js";
export { covariance, covarianceError } from "./covariance.js";
export * from "./digit-judge.js";
export * from "./equilibrium.js";
export * from "./fixed-points.js";
export * from "./frechet-distance.js";
export * from "./hopfield.js";
export * from "./legibility.js";
export * from "./memorised-share.js";
export { type Neighbours, nearestNeighbours } from "./nearest-neighbours.js";
export { type PointSet, points } from "./points.js";
export * from "./principal-components.js";
export * from "./restoration.js";
export {
  type Asymmetry,
  asymmetry,
  type Eigenvalues,
  eigenvalues,
  frobeniusNorm,
  spectralRadius,
} from "./spectrum.js";
export * from "./variety.js";
