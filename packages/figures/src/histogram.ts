// Histograms as curves.
import { requireInteger, requirePositive } from "@neural-langevin/core/backend";

/**
 * The density of some values: shares of equal bins, divided by the bin's width. Values outside the range count in
 * the whole and in no bin.
 *
 * @returns the middles of the bins as x, the densities as y; ready for `curves`
 * @throws invalid-value
 */
export function histogram(
  values: ArrayLike<number>,
  { from, to, bins }: { readonly from: number; readonly to: number; readonly bins: number },
): { x: number[]; y: number[] } {
  requireInteger("bins", bins, 1);
  requirePositive("to − from", to - from);
  const width = (to - from) / bins;
  const counts = new Array<number>(bins).fill(0);
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (value >= from && value <= to)
      counts[Math.min(bins - 1, Math.floor((value - from) / width))]!++;
  }
  return {
    x: counts.map((_, bin) => from + (bin + 0.5) * width),
    y: counts.map((count) => count / (values.length * width)),
  };
}
