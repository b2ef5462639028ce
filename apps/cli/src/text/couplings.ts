// What a network's parameters look like, in words.
import type { CouplingStatistics } from "@neural-langevin/analysis";
import { formatNumber } from "./format.js";

/** Lines for people, with a name each. */
export function describeCouplings(statistics: CouplingStatistics): [string, string][] {
  const { gain, symmetry, largestCoupling, meanBias, biasSize } = statistics;
  return [
    [
      "couplings",
      `gain g = √(N⟨J²⟩) ${formatNumber(gain)}, symmetry ${formatNumber(symmetry)}, ` +
        `largest ${formatNumber(largestCoupling)}`,
    ],
    [
      "bias",
      biasSize === 0 ? "zero" : `mean ${formatNumber(meanBias)}, size ${formatNumber(biasSize)}`,
    ],
  ];
}
