// The public interface: noise for many chains, the noise of a run's steps, and the noise as text for shaders.
export { kickAmplitudes, kicksOf } from "./kicks.js";
export { type NoiseMaker, openNoise } from "./noise.js";
export { noiseGlsl, noiseWgsl } from "./shader.js";
