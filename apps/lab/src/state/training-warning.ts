// Whether a training goes wrong: a rate or a step that is too large lets the gradient grow, long before numbers overflow.
import { mean } from "@neural-langevin/analysis";
import type { MetricsRow } from "@neural-langevin/runs";

/** Rows that are averaged, because single gradients fluctuate. */
const SMOOTHED = 5;
/** A gradient so many times as large as it was at its least is no fluctuation. */
const GROWN = 4;

/** How many times the gradient is what it was at its least; undefined while that is nothing to worry about. */
export function growthOf(rows: readonly MetricsRow[]): number | undefined {
  const gradients = rows.map((row) => row.couplingsGradient ?? Number.NaN);
  const means = gradients
    .slice(SMOOTHED - 1)
    .map((_, at) => mean(gradients.slice(at, at + SMOOTHED)));
  const least = means.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const growth = (means.at(-1) ?? Number.NaN) / least;
  return growth > GROWN ? growth : undefined;
}
