// Whether several chains tell the same story: rank-normalised split R̂ and the bulk sample size
// (Vehtari, Gelman, Simpson, Carpenter, Bürkner, Bayesian Analysis 2021).
import {
  type Chains,
  effectiveSampleSize,
  requireChains,
  varianceOfMeans,
} from "./autocorrelation.js";
import { normalQuantile } from "./normal-quantile.js";
import { mean, sum } from "./statistics.js";

/** Split rank-normalised R̂, near 1 where all chains and both halves of each agree. */
export interface PotentialScaleReduction {
  /** Of the values: do the chains agree in location? */
  readonly bulk: number;
  /** Of the distances from the median ("folded"): do they agree in spread and tails? */
  readonly tail: number;
  /** The larger of both. Below 1.01 is good. */
  readonly value: number;
}

/**
 * R̂ = √((W(n − 1)/n + B/n)/W) of split chains, after every value is replaced by the normal quantile of
 * its rank; W is the variance within and B/n that between the half chains. NaN for chains that never
 * change.
 *
 * @throws wrong-length (chains of unequal length), not-finite, invalid-value
 */
export function splitRhat(chains: Chains): PotentialScaleReduction {
  const halves = split(chains);
  const sorted = Float64Array.from(halves.flatMap((half) => [...half])).sort();
  const median = (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
  const folded = halves.map((half) => half.map((value) => Math.abs(value - median)));
  const bulk = scaleReduction(rankNormalise(halves));
  const tail = scaleReduction(rankNormalise(folded));
  return { bulk, tail, value: Math.max(bulk, tail) };
}

/** Effective sample size of the rank-normalised split chains ("bulk ESS"); finite whatever the tails. */
export function bulkEffectiveSampleSize(chains: Chains): number {
  return effectiveSampleSize(rankNormalise(split(chains)));
}

/** First and last half of every chain; the middle value of an odd length is left out. */
function split(chains: Chains): Float64Array[] {
  const half = requireChains(chains) >> 1;
  requireChains(chains.map((chain) => chain.subarray(0, half)));
  return chains.flatMap((chain) => [
    Float64Array.from(chain.subarray(0, half)),
    Float64Array.from(chain.subarray(chain.length - half)),
  ]);
}

/** z = Φ⁻¹((r − ⅜)/(S + ¼)) with r the rank among all S values; equal values share their mean rank. */
function rankNormalise(chains: readonly Float64Array[]): Float64Array[] {
  const length = chains[0]!.length;
  const size = chains.length * length;
  const value = (at: number) => chains[Math.floor(at / length)]![at % length]!;
  const order = Uint32Array.from({ length: size }, (_, at) => at).sort(
    (a, b) => value(a) - value(b),
  );
  const scores = chains.map(() => new Float64Array(length));
  for (let first = 0; first < size; ) {
    let end = first + 1;
    while (end < size && value(order[end]!) === value(order[first]!)) end++;
    const rank = (first + 1 + end) / 2;
    const score = normalQuantile((rank - 3 / 8) / (size + 1 / 4));
    for (; first < end; first++) {
      const at = order[first]!;
      scores[Math.floor(at / length)]![at % length] = score;
    }
  }
  return scores;
}

/** R̂ of some chains as they are. */
function scaleReduction(chains: Chains): number {
  const n = chains[0]!.length;
  const within = mean(
    chains.map((chain) => {
      const centre = mean(chain);
      return sum(chain.map((value) => (value - centre) ** 2)) / (n - 1);
    }),
  );
  return Math.sqrt((n - 1) / n + varianceOfMeans(chains) / within);
}
