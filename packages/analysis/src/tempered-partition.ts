// Differences of log Z between temperatures, from tempered chains: what annealing needs a long way for where the energy has
// valleys, the rungs of a ladder give along with their samples.
import { LangevinError } from "@neural-langevin/core";
import { requireInteger, requirePositive } from "@neural-langevin/core/backend";
import { bennettLogPartition } from "./annealed-importance.js";
import { type Chains, requireChains } from "./autocorrelation.js";
import { type Estimate, mean, sum } from "./statistics.js";

/** Blocks of ladders, of which each is left out once for the error. */
const BLOCKS = 10;

/**
 * log Z(T₀) − log Z(T_R) of the lowest and the highest rung: the sum over neighbours of Bennett's acceptance ratio between
 * their energies, with log w = −(1/T_r − 1/T_{r+1})·E (Bennett, J. Comput. Phys. 1976; over temperatures, as in Shirts &
 * Chodera 2008). The error is that of a jackknife over ladders, which are independent of each other.
 *
 * @param energies E of every rung, ascending, as a series for each ladder; `tempered.energies` of `watchEquilibrium`
 * @throws wrong-length, not-finite; invalid-value, for fewer than two ladders, and temperatures that are not those of the rungs
 */
export function partitionDifference(
  energies: readonly Chains[],
  temperatures: readonly number[],
): Estimate {
  requireInteger("the number of rungs", energies.length, 2);
  if (temperatures.length !== energies.length) {
    throw new LangevinError(
      "invalid-value",
      `${temperatures.length} temperatures are given for the energies of ${energies.length} rungs.`,
    );
  }
  for (const temperature of temperatures) requirePositive("temperature", temperature);
  for (const chains of energies) requireChains(chains);
  const ladders = energies[0]!.length;
  requireInteger("the number of ladders", ladders, 2);
  const blocks = Math.min(BLOCKS, ladders);
  const differenceWithout = (block: number) =>
    sum(
      temperatures.slice(1).map((hot, rung) => {
        const slope = 1 / hot - 1 / temperatures[rung]!;
        const weights = (chains: Chains) =>
          Float64Array.from(
            chains
              .filter((_, ladder) => ladder % blocks !== block)
              .flatMap((chain) => Array.from(chain, (E) => slope * E)),
          );
        return bennettLogPartition(
          { logWeights: weights(energies[rung + 1]!) },
          { logWeights: weights(energies[rung]!) },
        ).logZ;
      }),
    );
  const value = differenceWithout(-1);
  const left = Array.from({ length: blocks }, (_, block) => differenceWithout(block));
  const middle = mean(left);
  const squares = sum(left.map((one) => (one - middle) ** 2));
  return { value, standardError: Math.sqrt(((blocks - 1) / blocks) * squares) };
}
