// Means and their errors over independent values, in one place for every package. Series that remember their past
// take `timeAverage`.

/** A mean with its standard error. */
export interface Estimate {
  /** The mean, in the unit of what was measured. */
  readonly value: number;
  /** Its standard error, in the same unit; NaN where it is not known. */
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

/** The middle one of some values, the upper of two; NaN of no values. */
export const median = (values: ArrayLike<number>): number => middleOf(sorted(values));

/**
 * The median of n independent values, the upper of two, and its standard error: half the distance between what lies √n/2
 * places below and above the middle, as far as there are values. NaN for fewer than two values.
 */
export function medianEstimate(values: ArrayLike<number>): Estimate {
  const ascending = sorted(values);
  const last = ascending.length - 1;
  if (last < 1) return { value: middleOf(ascending), standardError: Number.NaN };
  const between = (place: number) => {
    const within = Math.min(Math.max(place, 0), last);
    const [low, high] = [ascending[Math.floor(within)]!, ascending[Math.ceil(within)]!];
    return low + (high - low) * (within % 1);
  };
  const reach = Math.sqrt(ascending.length) / 2;
  const width = between(last / 2 + reach) - between(last / 2 - reach);
  return { value: middleOf(ascending), standardError: width / 2 };
}

const sorted = (values: ArrayLike<number>): Float64Array => Float64Array.from(values).sort();
const middleOf = (ascending: Float64Array): number =>
  ascending[ascending.length >> 1] ?? Number.NaN;

/**
 * The standard error of a statistic by the jackknife over K independent groups: √((K − 1)/K · Σ_k (θ_k − θ̄)²), where
 * θ_k is the statistic of all groups but the k-th.
 *
 * @param without θ_k, shape [K]
 */
export const jackknifeError = (without: ArrayLike<number>): number =>
  meanEstimate(without).standardError * (without.length - 1);

/**
 * A statistic of independent items, such as chains, with its standard error by the jackknife; NaN for a single item.
 *
 * @param groups into which more items are put, so that the statistic is computed so often
 */
export function jackknife<Item>(
  items: readonly Item[],
  statistic: (items: readonly Item[]) => number,
  groups = 20,
): Estimate {
  const count = Math.min(groups, items.length);
  const without = Array.from({ length: items.length > 1 ? count : 0 }, (_, group) =>
    statistic(items.filter((_, place) => place % count !== group)),
  );
  return { value: statistic(items), standardError: jackknifeError(without) };
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

/** The same slope of independent values y, with its standard error √(Σ(x − x̄)² s_y²)/Σ(x − x̄)². */
export function slopeEstimate(x: ArrayLike<number>, y: readonly Estimate[]): Estimate {
  const value = leastSquaresSlope(
    x,
    y.map((one) => one.value),
  );
  const centre = mean(x);
  const moved = Array.from(x, (one) => one - centre);
  const errors = y.map(({ standardError }, at) => moved[at]! * standardError);
  const squares = sum(moved.map((one) => one ** 2));
  return { value, standardError: Math.hypot(...errors) / squares };
}
