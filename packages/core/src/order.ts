// Seeded orders: which image comes when, which belong to the held-out set. Counter-based like all
// noise, so that any position can be found again without replaying what came before.
import { requireInteger } from "./arguments.js";
import { type NoiseSource, noiseWords } from "./noise.js";

/** Uniform numbers in [0, 1) with 32 bits each, shape [count], from the words of a noise source and chain. */
export function uniforms(source: NoiseSource, chain: number, count: number): Float64Array {
  const values = new Float64Array(count);
  for (let start = 0; start < count; start += 4) {
    const words = noiseWords(source, chain, start / 4);
    for (let k = 0; k < 4 && start + k < count; k++) values[start + k] = words[k]! / 2 ** 32;
  }
  return values;
}

/**
 * A seeded permutation of 0 … length − 1 (Fisher–Yates).
 *
 * @param source seed and stream; `step` numbers the permutation, for example by epoch
 * @returns shape [length]
 * @throws invalid-value
 */
export function permutation(source: NoiseSource, length: number): Uint32Array {
  requireInteger("length", length, 0);
  const order = Uint32Array.from({ length }, (_, index) => index);
  const draws = uniforms(source, 0, length);
  for (let last = length - 1; last > 0; last--) {
    const chosen = Math.floor(draws[last]! * (last + 1));
    const value = order[last]!;
    order[last] = order[chosen]!;
    order[chosen] = value;
  }
  return order;
}
