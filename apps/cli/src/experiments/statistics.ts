// The few statistics and words that experiments share.
import { mean } from "@neural-langevin/analysis";

/** The slope of the least-squares line through some points. */
export function fitSlope(x: readonly number[], y: readonly number[]): number {
  const [mx, my] = [mean(x), mean(y)];
  const covariance = x.reduce((sum, value, at) => sum + (value - mx) * (y[at]! - my), 0);
  return covariance / x.reduce((sum, value) => sum + (value - mx) ** 2, 0);
}

/** A number with some decimals, or a dash. */
export const fixed = (value: number, digits: number): string =>
  Number.isFinite(value) ? value.toFixed(digits) : "–";
