// What a network's couplings and bias look like, in the numbers of random networks: size and symmetry.
import { LangevinError, type Network, type Values } from "@neural-langevin/core";
import { requireNetwork } from "@neural-langevin/core/backend";
import { requireMatrix } from "./spectrum.js";
import { mean } from "./statistics.js";

/** How far a matrix is from symmetric. */
export interface Asymmetry {
  /** ‖J − Jᵀ‖/‖J + Jᵀ‖: 0 symmetric, about 1 independent entries, ∞ antisymmetric. */
  readonly ratio: number;
  /**
   * η = Σ_{i≠j} J_ij J_ji / Σ_{i≠j} J_ij², the correlation of opposite couplings (Sommers et al., Phys.
   * Rev. Lett. 1988): 1 symmetric, 0 independent entries, −1 antisymmetric.
   */
  readonly reciprocity: number;
}

/**
 * Measures the asymmetry of couplings. The diagonal counts in neither measure.
 *
 * @param couplings shape [N][N], row-major
 * @throws wrong-length, not-finite, invalid-value (no couplings but the diagonal)
 */
export function asymmetry(couplings: Values): Asymmetry {
  const { squares, products } = opposites(couplings, requireMatrix(couplings));
  if (squares === 0) {
    throw new LangevinError("invalid-value", "All couplings between units are zero.");
  }
  // ‖J ∓ Jᵀ‖² = 2(ΣJ_ij² ∓ ΣJ_ij J_ji)
  return {
    ratio: Math.sqrt(Math.max(0, squares - products) / Math.max(0, squares + products)),
    reciprocity: products / squares,
  };
}

/** Numbers that describe couplings and bias; those that a network without couplings lacks are 0. */
export interface CouplingStatistics {
  /** g = √(N⟨J_ij²⟩), i ≠ j: the spectral radius that random couplings of this size would have; chaos begins at 1. */
  readonly gain: number;
  /** η, the `reciprocity` of `asymmetry`. */
  readonly symmetry: number;
  /** max |J_ij|, i ≠ j. */
  readonly largestCoupling: number;
  /** max |J_ii|; 0 in the machine of arXiv 2506.23546. */
  readonly largestSelfCoupling: number;
  /** ⟨b_i⟩. */
  readonly meanBias: number;
  /** √⟨b_i²⟩. */
  readonly biasSize: number;
}

/**
 * Describes a network's parameters.
 *
 * @throws wrong-length, not-finite, invalid-value
 */
export function couplingStatistics(network: Network): CouplingStatistics {
  requireNetwork(network);
  const { units, couplings, bias } = network;
  const { squares, products } = opposites(couplings, units);
  let [largest, largestSelf] = [0, 0];
  for (let i = 0; i < units; i++) {
    for (let j = 0; j < units; j++) {
      const size = Math.abs(couplings[i * units + j]!);
      if (i === j) largestSelf = Math.max(largestSelf, size);
      else if (size > largest) largest = size;
    }
  }
  return {
    // ⟨J_ij²⟩ is over N(N − 1) couplings.
    gain: units > 1 ? Math.sqrt(squares / (units - 1)) : 0,
    symmetry: squares > 0 ? products / squares : 0,
    largestCoupling: largest,
    largestSelfCoupling: largestSelf,
    meanBias: mean(bias),
    biasSize: Math.sqrt(mean(Float64Array.from(bias, (value) => value * value))),
  };
}

const TILE = 64;

/** Σ_{i≠j} J_ij² and Σ_{i≠j} J_ij J_ji. */
function opposites(couplings: Values, size: number): { squares: number; products: number } {
  let squares = 0;
  let products = 0;
  // In tiles, whose columns stay in the cache.
  for (let top = 0; top < size; top += TILE) {
    for (let left = 0; left <= top; left += TILE) {
      for (let i = top; i < Math.min(top + TILE, size); i++) {
        for (let j = left; j < Math.min(left + TILE, i); j++) {
          const one = couplings[i * size + j]!;
          const other = couplings[j * size + i]!;
          squares += one * one + other * other;
          products += 2 * one * other;
        }
      }
    }
  }
  return { squares, products };
}
