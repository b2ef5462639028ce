// The local learning rule. Every synapse needs only the speed of its post-synaptic unit and the rate
// of its pre-synaptic one, averaged over data and over model chains.
import { firingRates, speed } from "./energy.js";
import type { Network, Values } from "./network.js";

/** Length of a statistics array: N² sums ⟨v_i φ_j⟩ followed by N sums ⟨v_i⟩. */
export const statisticsLength = (units: number): number => units * units + units;

/**
 * Adds weight·(⟨v φᵀ⟩, ⟨v⟩) over the given states to `statistics`.
 *
 * With weight +1 for data and −1 for chains, statistics/T is the gradient of −log L:
 * ∂(−log L)/∂J_ij = (⟨v_i φ_j⟩_data − ⟨v_i φ_j⟩_model)/T, ∂(−log L)/∂b_i = (⟨v_i⟩_data − ⟨v_i⟩_model)/T
 * (arXiv 2506.23546). The diagonal stays 0, because J_ii is never learned.
 *
 * @param statistics shape [N² + N], changed in place
 * @param states x, shape [B][N]
 * @throws wrong-length
 */
export function accumulateStatistics(
  statistics: Float64Array,
  network: Network,
  states: Values,
  weight: number,
): void {
  const { units } = network;
  const v = speed(network, states);
  const phi = firingRates(network, states);
  const share = (weight * units) / states.length;
  for (let row = 0; row < states.length; row += units) {
    for (let i = 0; i < units; i++) {
      const post = share * v[row + i]!;
      for (let j = 0; j < units; j++) {
        if (i !== j) statistics[i * units + j]! += post * phi[row + j]!;
      }
      statistics[units * units + i]! += post;
    }
  }
}
