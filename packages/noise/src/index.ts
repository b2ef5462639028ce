// The public interface: noise for many chains, and the noise of a run's steps.
export { kicksOf } from "./kicks.js";
export { type NoiseMaker, openNoise } from "./noise.js";
export { noiseGlsl, noiseWgsl } from "./shader.js";
