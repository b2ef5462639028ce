// The public interface: noise for many chains, the noise of a run's steps, and the noise in the languages of graphics devices.
export { kickAmplitudes, kicksOf } from "./kicks.js";
export { type NoiseMaker, openNoise } from "./noise.js";
export { noiseGlsl, noiseWgsl } from "./shader.js";
