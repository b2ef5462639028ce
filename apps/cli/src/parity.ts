// How far two sets of chains agree: in bits, value by value, and in statistics, chain by chain.
import { type Estimate, meanWithError } from "./mean.js";

/** Agreement of single values. */
export interface BitAgreement {
  /** Share of values that are exactly equal. */
  readonly equal: number;
  /** Agreeing bits of the significand, −log₂(|a − b|/max(|a|, |b|)), 24 where equal: median and worst. */
  readonly median: number;
  readonly worst: number;
}

/** Significant bits of a float32. */
const SIGNIFICAND = 24;

/** Compares values of equal length one by one. */
export function compareBits(a: Float32Array, b: Float32Array): BitAgreement {
  let equal = 0;
  const bits = Float64Array.from(a, (value, at) => {
    const other = b[at]!;
    if (value === other) {
      equal++;
      return SIGNIFICAND;
    }
    const relative = Math.abs(value - other) / Math.max(Math.abs(value), Math.abs(other));
    return Math.min(SIGNIFICAND, Math.max(0, Math.floor(-Math.log2(relative))));
  }).sort();
  return { equal: equal / a.length, median: bits[Math.floor(bits.length / 2)]!, worst: bits[0]! };
}

/**
 * Variance of every unit over the chains, with its standard error from the fourth central moment, √((m₄ − m₂²)/B).
 *
 * @param states x, shape [B][N]
 */
export function unitVariances(states: Float32Array, units: number): Estimate[] {
  const chains = states.length / units;
  return Array.from({ length: units }, (_, unit) => {
    let mean = 0;
    for (let chain = 0; chain < chains; chain++) mean += states[chain * units + unit]! / chains;
    const squares = Float64Array.from(
      { length: chains },
      (_, chain) => (states[chain * units + unit]! - mean) ** 2,
    );
    return meanWithError(squares);
  });
}

/** (a − b) in standard errors of the difference of two independent estimates; 0 where both are the same. */
export const zScore = (a: Estimate, b: Estimate): number =>
  a.mean === b.mean ? 0 : (a.mean - b.mean) / Math.hypot(a.error, b.error);

/** The |z| that the largest of `count` exceeds by chance in fewer than one of 1000 cases: √(2 ln(2000·count)). */
export const bound = (count: number): number => Math.sqrt(2 * Math.log(2000 * count));
