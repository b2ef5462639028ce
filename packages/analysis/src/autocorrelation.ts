// How fast a time series forgets, and how many independent samples it is worth.
import type { Values } from "@neural-langevin/core";
import { requireFinite, requireInteger, requireLength } from "@neural-langevin/core/backend";

/** One series per chain, all of one length. */
export type Chains = readonly Values[];

/**
 * Autocovariance C_t = (1/n) Σ_s (x_s − x̄)(x_{s+t} − x̄), by fast Fourier transform.
 *
 * @returns shape [n], lags 0 … n − 1
 * @throws not-finite, invalid-value (fewer than four values)
 */
export function autocovariance(series: Values): Float64Array {
  requireInteger("the length of the series", series.length, 4);
  requireFinite("the series", series);
  const n = series.length;
  const centre = sum(series) / n;
  // Zeros to at least twice the length keep the ends from meeting.
  const size = 2 ** Math.ceil(Math.log2(2 * n));
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  for (let at = 0; at < n; at++) real[at] = series[at]! - centre;
  fourier(real, imaginary);
  for (let at = 0; at < size; at++) {
    real[at] = real[at]! ** 2 + imaginary[at]! ** 2;
    imaginary[at] = 0;
  }
  // The power spectrum is even, so that the forward transform is the inverse one but for its factor.
  fourier(real, imaginary);
  return real.slice(0, n).map((value) => value / (size * n));
}

/** Autocorrelation ρ_t = C_t/C_0, shape [n]; NaN for a series that never changes. */
export function autocorrelation(series: Values): Float64Array {
  const covariances = autocovariance(series);
  return covariances.map((value) => value / covariances[0]!);
}

/**
 * Integrated autocorrelation time τ = 1 + 2 Σ_t ρ_t in frames, over all chains together.
 *
 * ρ_t compares the chains' autocovariances with the variance within and between them (Vehtari et al.,
 * Bayesian Analysis 2021), so that chains that sit in different places give a long time. The sum ends
 * by Geyer's initial monotone sequence (Statistical Science 1992): pairs ρ_2k + ρ_2k+1 count while they
 * are positive, and none more than the pair before. Infinity for chains that never change.
 *
 * @throws wrong-length (chains of unequal length), not-finite, invalid-value
 */
export function integratedTime(chains: Chains): number {
  const n = requireChains(chains);
  const covariances = chains.map(autocovariance);
  const mean = (lag: number) =>
    covariances.reduce((sum, chain) => sum + chain[lag]!, 0) / chains.length;
  const within = (mean(0) * n) / (n - 1);
  const pooled = mean(0) + varianceOfMeans(chains);
  if (pooled === 0) return Number.POSITIVE_INFINITY;
  const correlation = (lag: number) => (lag === 0 ? 1 : 1 - (within - mean(lag)) / pooled);

  let time = -1;
  let previous = Number.POSITIVE_INFINITY;
  for (let lag = 0; lag + 1 < n; lag += 2) {
    const pair = correlation(lag) + correlation(lag + 1);
    if (pair <= 0) {
      time += Math.max(0, correlation(lag));
      break;
    }
    previous = Math.min(previous, pair);
    time += 2 * previous;
  }
  // Series that alternate are worth more than their length, but not without end.
  return Math.max(time, 1 / Math.log10(n * chains.length));
}

/** Effective sample size, all frames of all chains over τ. 0 for chains that never change. */
export function effectiveSampleSize(chains: Chains): number {
  return (chains.length * requireChains(chains)) / integratedTime(chains);
}

/** Sample variance of the chains' means; 0 for a single chain. */
export function varianceOfMeans(chains: Chains): number {
  if (chains.length === 1) return 0;
  const means = chains.map((chain) => sum(chain) / chain.length);
  const centre = sum(means) / means.length;
  return sum(means.map((mean) => (mean - centre) ** 2)) / (means.length - 1);
}

/** The common length of some finite chains. Throws wrong-length, not-finite or invalid-value. */
export function requireChains(chains: Chains): number {
  requireInteger("the number of chains", chains.length, 1);
  const { length } = chains[0]!;
  requireInteger("the length of the chains", length, 4);
  chains.forEach((chain, index) => {
    requireLength(`chain ${index}`, chain, length);
    requireFinite(`chain ${index}`, chain);
  });
  return length;
}

export function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let at = 0; at < values.length; at++) total += values[at]!;
  return total;
}

/** Discrete Fourier transform in place, radix 2; the length is a power of two. */
function fourier(real: Float64Array, imaginary: Float64Array): void {
  const size = real.length;
  for (let at = 1, mirror = 0; at < size; at++) {
    let bit = size >> 1;
    for (; mirror & bit; bit >>= 1) mirror ^= bit;
    mirror |= bit;
    if (at >= mirror) continue;
    [real[at], real[mirror]] = [real[mirror]!, real[at]!];
    [imaginary[at], imaginary[mirror]] = [imaginary[mirror]!, imaginary[at]!];
  }
  for (let half = 1; half < size; half *= 2) {
    for (let k = 0; k < half; k++) {
      const cosine = Math.cos((Math.PI * k) / half);
      const sine = -Math.sin((Math.PI * k) / half);
      for (let at = k; at < size; at += 2 * half) {
        const other = at + half;
        const re = real[other]! * cosine - imaginary[other]! * sine;
        const im = real[other]! * sine + imaginary[other]! * cosine;
        real[other] = real[at]! - re;
        imaginary[other] = imaginary[at]! - im;
        real[at]! += re;
        imaginary[at]! += im;
      }
    }
  }
}
