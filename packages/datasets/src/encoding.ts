// From grey levels to states of a network and back (arXiv 2506.23546): a pixel p in [0, 1] becomes
// u = 2p − 1, clipped to ±0.97, and x = atanh u; a state is seen as (tanh x + 1)/2.
import type { ImageSet } from "./image-set.js";

/** Firing rates of images are clipped to ± this, because atanh 1 is infinite. */
export const LARGEST_RATE = 0.97;

/**
 * States x of images.
 *
 * @returns shape [count][width · height]
 */
export function encodeImages({ pixels }: Pick<ImageSet, "pixels">): Float32Array {
  const states = Float32Array.from({ length: 256 }, (_, level) => {
    const rate = (2 * level) / 255 - 1;
    return Math.atanh(Math.min(Math.max(rate, -LARGEST_RATE), LARGEST_RATE));
  });
  return Float32Array.from(pixels, (level) => states[level]!);
}

/** Grey levels of states x: (tanh x + 1)/2, from 0 (black) to 255 (white). */
export const decodeStates = (states: Float32Array): Uint8Array =>
  Uint8Array.from(states, (x) => Math.round((255 * (Math.tanh(x) + 1)) / 2));

/** Firing rates tanh x of states, in which images are compared. */
export const ratesOfStates = (states: Float32Array): Float32Array => states.map(Math.tanh);
