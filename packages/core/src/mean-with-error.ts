// A mean and how sure it is, for what core reports itself; `@neural-langevin/analysis` has the rest.

/** The mean of n independent values and its standard error √(Σ(v − ⟨v⟩)²/(n(n − 1))), NaN for one value. */
export function meanWithError(values: ArrayLike<number>): [mean: number, error: number] {
  const count = values.length;
  let sum = 0;
  for (let at = 0; at < count; at++) sum += values[at]!;
  const mean = sum / count;
  let squares = 0;
  for (let at = 0; at < count; at++) squares += (values[at]! - mean) ** 2;
  return [mean, Math.sqrt(squares / (count - 1) / count)];
}
