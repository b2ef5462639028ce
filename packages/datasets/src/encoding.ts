// From grey pixels to states of a network and back (arXiv 2506.23546): a pixel p in [0, 1] becomes
// u = 2p − 1, clipped to ±0.97, and x = atanh u; a state is seen as (tanh x + 1)/2.
import type { ImageSet } from "./image-set.js";

/** Firing rates of images are clipped to ± this, because atanh 1 is infinite. */
export const LARGEST_RATE = 0.97;

const stateOf = (rate: number): number =>
  Math.atanh(Math.min(Math.max(rate, -LARGEST_RATE), LARGEST_RATE));

/**
 * States x of images.
 *
 * @returns shape [count][width · height]
 */
export function encodeImages({ pixels }: Pick<ImageSet, "pixels">): Float32Array {
  // Plain loops, and a table for levels: callbacks for every pixel would take twenty times as long.
  const states = new Float32Array(pixels.length);
  if (pixels instanceof Float32Array) {
    for (let at = 0; at < states.length; at++) states[at] = stateOf(2 * pixels[at]! - 1);
    return states;
  }
  const table = Float32Array.from({ length: 256 }, (_, level) => stateOf((2 * level) / 255 - 1));
  for (let at = 0; at < states.length; at++) states[at] = table[pixels[at]!]!;
  return states;
}

/** The level of a firing rate from −1 (black, 0) to 1 (white, 255). */
const levelOf = (rate: number): number => Math.round((255 * (rate + 1)) / 2);

/** Grey levels of states x: (tanh x + 1)/2, from 0 (black) to 255 (white). */
export function decodeStates(states: Float32Array): Uint8Array {
  const levels = new Uint8Array(states.length);
  for (let at = 0; at < levels.length; at++) levels[at] = levelOf(Math.tanh(states[at]!));
  return levels;
}

/** Grey levels of firing rates: (φ + 1)/2, from 0 (black) to 255 (white); rates beyond ±1 are black or white. */
export const decodeRates = (rates: ArrayLike<number>): Uint8Array =>
  Uint8Array.from(rates, (rate) => levelOf(Math.min(Math.max(rate, -1), 1)));

/** Images one set after the other, as states x, shape [count of all][width · height]. */
export function encodeAll(sets: readonly Pick<ImageSet, "pixels">[]): Float32Array {
  const states = new Float32Array(sets.reduce((sum, { pixels }) => sum + pixels.length, 0));
  let start = 0;
  for (const set of sets) {
    states.set(encodeImages(set), start);
    start += set.pixels.length;
  }
  return states;
}

/** Firing rates tanh x of states, in which images are compared. */
export function ratesOfStates(states: Float32Array): Float32Array {
  const rates = new Float32Array(states.length);
  for (let at = 0; at < rates.length; at++) rates[at] = Math.tanh(states[at]!);
  return rates;
}
