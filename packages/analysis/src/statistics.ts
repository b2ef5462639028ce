// Means and their errors over independent values, in one place for every package. Series that remember their past
// take `timeAverage`.

/** A mean with its standard error. */
export interface Estimate {
  readonly value: number;
  readonly standardError: number;
}

/** Σ_i x_i, in the order of the values. */
export function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let at = 0; at < values.length; at++) total += values[at]!;
  return total;
}

/** The arithmetic mean x̄ = Σ_i x_i/n; NaN of no values. */
export const mean = (values: ArrayLike<number>): number => sum(values) / values.length;

/** The mean of n independent values, as those of chains are, and its standard error √(Σ(x − x̄)²/(n − 1)/n). */
export function meanEstimate(values: ArrayLike<number>): Estimate {
  const value = mean(values);
  let squares = 0;
  for (let at = 0; at < values.length; at++) squares += (values[at]! - value) ** 2;
  return { value, standardError: Math.sqrt(squares / (values.length - 1) / values.length) };
}

/**
 * The share k/n of independent trials and its standard error: the deviation of Beta(k + 1, n − k + 1), which is above 0
 * for none and for all.
 */
export function shareEstimate(successes: number, trials: number): Estimate {
  const expected = (successes + 1) / (trials + 2);
  const standardError = Math.sqrt((expected * (1 - expected)) / (trials + 3));
  return { value: successes / trials, standardError };
}

/** The slope Σ(x − x̄)(y − ȳ)/Σ(x − x̄)² of the least-squares line through some points. */
export function leastSquaresSlope(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const [meanX, meanY] = [mean(x), mean(y)];
  let products = 0;
  let squares = 0;
  for (let at = 0; at < x.length; at++) {
    products += (x[at]! - meanX) * (y[at]! - meanY);
    squares += (x[at]! - meanX) ** 2;
  }
  return products / squares;
}
