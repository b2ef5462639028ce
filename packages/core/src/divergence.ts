// When dynamics has diverged: long before the numbers are infinite, an energy is larger than the start and the
// temperature can account for.
import { LangevinError } from "./errors.js";

/** How many times an energy may exceed what its start and T account for. */
const ALLOWANCE = 1000;

/**
 * The largest energy that is still taken for sound: 1000·(E₀ + N(T + 1)).
 *
 * The force is −∇E, so the drift lowers the energy E₀ with which chains begin, and thermal noise adds energies of
 * order NT (⟨E⟩ = NT/2 where J = 0). N more are for the natural size |x| ≈ 1 of states. With φ = tanh a bound on E
 * bounds |x| too: |x_i| ≤ Σ_j |J_ij| + |b_i| + √(2E).
 *
 * @param start energies E₀, of chains or data
 */
export function largestSoundEnergy(
  start: ArrayLike<number>,
  units: number,
  temperature: number,
): number {
  let largest = 0;
  for (let chain = 0; chain < start.length; chain++) largest = Math.max(largest, start[chain]!);
  return ALLOWANCE * (largest + units * (temperature + 1));
}

/** The first chain whose energy is not finite or exceeds the bound; −1 where all are sound. */
function firstUnsound(energies: Float32Array, largest: number): number {
  return energies.findIndex((energy) => !(energy <= largest));
}

/** Throws `diverged` unless the energies of all chains are sound. */
export function requireSoundEnergies(
  energies: Float32Array,
  bound: { readonly largest: number; readonly step: number; readonly dt: number },
): void {
  const chain = firstUnsound(energies, bound.largest);
  if (chain < 0) return;
  throw new LangevinError(
    "diverged",
    `Sampling diverged before step ${bound.step}: the energy of chain ${chain} is ` +
      `${energies[chain]!.toPrecision(3)}, more than ${ALLOWANCE} times what its start and temperature allow.`,
    `Try a smaller step size than ${bound.dt}.`,
  );
}
