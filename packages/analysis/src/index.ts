// The public interface of the analysis package.
export * from "./adversarial-accuracy.js";
export * from "./class-mix.js";
export * from "./covariance.js";
export * from "./memorised-share.js";
export * from "./nearest-neighbours.js";
export { type PointSet, points } from "./points.js";
