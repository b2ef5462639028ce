// The arithmetic mean, in the order in which the values stand, and how sure it is.

export const mean = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at]!;
  return sum / values.length;
};

/** A mean over independent values, as those of chains are, and its standard error. */
export interface Estimate {
  readonly mean: number;
  readonly error: number;
}

/** Mean of independent values and its standard error, s/√n. */
export function meanWithError(values: ArrayLike<number>): Estimate {
  const centre = mean(values);
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += (values[at]! - centre) ** 2;
  return { mean: centre, error: Math.sqrt(sum / (values.length - 1) / values.length) };
}
