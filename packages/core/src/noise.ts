// The noise of a machine: unit normals that depend on seed, stream, step, chain and unit alone, and so
// neither on tiling, threads and devices nor on the way in which steps are grouped into calls.
import { requireInteger } from "./arguments.js";
import { splitInteger, threefry4x32, type Words } from "./threefry.js";

/** What a random number is used for. Streams of one seed are independent of each other. */
export const streams = {
  dynamics: 0,
  initialState: 1,
  dataOrder: 2,
  corruption: 3,
  parameters: 4,
  swaps: 5,
  components: 6,
  dataNoise: 7,
} as const;

/**
 * The first chain of sampling and evaluation. Training's chains are numbered from 0, so chains from
 * here on have noise that training never saw.
 */
export const FRESH_CHAINS = 2 ** 31;

/** Where a block of noise lies. */
export interface NoiseSource {
  /** A safe integer of at least 0. */
  seed: number;
  /** One of `streams`, or another integer below 2³². */
  stream: number;
  /** A safe integer of at least 0. */
  step: number;
}

/**
 * Threefry words for four consecutive units: key = (seed low, seed high, stream, 0),
 * counter = (⌊unit/4⌋, chain, step low, step high). Threefry4x32-20 of Salmon et al., SC 2011.
 */
export function noiseWords(
  source: NoiseSource,
  chain: number,
  unitBlock: number,
): [number, number, number, number] {
  return threefry4x32([unitBlock, chain, ...splitInteger(source.step)], keyOf(source));
}

const keyOf = ({ seed, stream }: NoiseSource): Words => [...splitInteger(seed), stream, 0];

/** A uniform number in (0, 1) from the upper 24 bits of a word: u = ((word >>> 8) + ½)/2²⁴. */
function uniformFromWord(word: number): number {
  return ((word >>> 8) + 0.5) / 0x100_0000;
}

/** Two unit normals from two words by Box and Muller (1958): √(−2 ln u₁)·(cos 2πu₂, sin 2πu₂). */
export function normalsFromWords(first: number, second: number): [number, number] {
  const radius = Math.sqrt(-2 * Math.log(uniformFromWord(first)));
  const angle = 2 * Math.PI * uniformFromWord(second);
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}

/**
 * The unit normals ξ of one chain at one step.
 *
 * @param chain global index of the chain
 * @param units number of units N
 * @returns ξ, shape [N]
 * @throws invalid-value
 */
export function chainNoise(source: NoiseSource, chain: number, units: number): Float64Array {
  requireInteger("units", units, 1);
  const noise = new Float64Array(units);
  const [stepLow, stepHigh] = splitInteger(source.step);
  const key = keyOf(source);
  for (let unit = 0; unit < units; unit += 4) {
    const words = threefry4x32([unit / 4, chain, stepLow, stepHigh], key);
    for (let pair = 0; pair < 4 && unit + pair < units; pair += 2) {
      const [first, second] = normalsFromWords(words[pair]!, words[pair + 1]!);
      noise[unit + pair] = first;
      // Beyond the end of an odd number of units, writing does nothing.
      noise[unit + pair + 1] = second;
    }
  }
  return noise;
}
