// What a machine's parameters look like, in the words of random networks.
import type { StoredNetwork } from "@neural-langevin/runs";
import { mean } from "./mean.js";
import { readable } from "./terminal.js";

/** Numbers that describe couplings and bias. */
export interface CouplingStatistics {
  /** g = √(N⟨J_ij²⟩), i ≠ j: the spectral radius that random couplings of this size would have; chaos begins at 1. */
  readonly gain: number;
  /** η = Σ J_ij J_ji / Σ J_ij², i ≠ j: 1 symmetric, 0 independent, −1 antisymmetric. */
  readonly symmetry: number;
  /** max |J_ij|, i ≠ j. */
  readonly largestCoupling: number;
  /** max |J_ii|; 0 in the machine of the paper. */
  readonly largestSelfCoupling: number;
  readonly meanBias: number;
  /** √⟨b_i²⟩. */
  readonly biasSize: number;
}

/** Describes a machine; what a single unit lacks is 0. */
export function couplingStatistics({ units, couplings, bias }: StoredNetwork): CouplingStatistics {
  let [squares, products, most, self] = [0, 0, 0, 0];
  for (let i = 0; i < units; i++) {
    self = Math.max(self, Math.abs(couplings[i * units + i]!));
    for (let j = 0; j < units; j++) {
      if (i === j) continue;
      const value = couplings[i * units + j]!;
      squares += value * value;
      products += value * couplings[j * units + i]!;
      most = Math.max(most, Math.abs(value));
    }
  }
  return {
    gain: units > 1 ? Math.sqrt(squares / (units - 1)) : 0,
    symmetry: squares > 0 ? products / squares : 0,
    largestCoupling: most,
    largestSelfCoupling: self,
    meanBias: mean(bias),
    biasSize: Math.sqrt(bias.reduce((sum, value) => sum + value * value, 0) / units),
  };
}

/** Lines for people, with a name each. */
export function describeStatistics(statistics: CouplingStatistics): [string, string][] {
  const { gain, symmetry, largestCoupling, meanBias, biasSize } = statistics;
  return [
    [
      "couplings",
      `gain g = √(N⟨J²⟩) ${readable(gain)}, symmetry ${readable(symmetry)}, ` +
        `largest ${readable(largestCoupling)}`,
    ],
    ["bias", biasSize === 0 ? "zero" : `mean ${readable(meanBias)}, size ${readable(biasSize)}`],
  ];
}
