// Langevin dynamics dx = F dt + √(2T) dW in discrete steps.
import { force } from "./energy.js";
import type { Network, Values } from "./network.js";
import { chainNoise, type NoiseSource } from "./noise.js";

/**
 * `euler-maruyama`: x ← x + dt·F + √(2T dt)·ξ_s.
 *
 * `leimkuhler-matthews`: (ξ_s + ξ_{s+1})/2 in place of ξ_s; the same cost and a far smaller bias of
 * the stationary measure (Leimkuhler & Matthews, Appl. Math. Res. eXpress 2013).
 */
export type Integrator = "euler-maruyama" | "leimkuhler-matthews";

/** The names of all integrators. */
export const integrators: readonly Integrator[] = ["euler-maruyama", "leimkuhler-matthews"];

/**
 * The noise that an integrator applies to one chain at a step: ξ_s, or (ξ_s + ξ_{s+1})/2.
 *
 * @param source seed, stream and the step s
 * @returns shape [N]
 * @throws invalid-value
 */
export function integratorNoise(
  integrator: Integrator,
  source: NoiseSource,
  chain: number,
  units: number,
): Float64Array {
  const noise = chainNoise(source, chain, units);
  if (integrator === "euler-maruyama") return noise;
  const next = chainNoise({ ...source, step: source.step + 1 }, chain, units);
  return noise.map((value, unit) => (value + next[unit]!) / 2);
}

/**
 * One step of one chain: x + dt·F + √(2T dt)·ξ on the free units; pinned units keep their value.
 *
 * The free units follow the gradient of the whole energy, so with pinned units the dynamics samples
 * the conditional measure p(free | pinned).
 *
 * @param state x, shape [N]
 * @param step.dt time per step
 * @param step.temperature T, in the unit of E
 * @param step.noise ξ, shape [N]
 * @param step.feedback false leaves the feedback term out of the force
 * @param step.pinned nonzero marks a pinned unit, shape [N]
 * @returns the next x, shape [N]
 * @throws wrong-length
 */
export function langevinStep(
  network: Network,
  state: Values,
  step: {
    dt: number;
    temperature: number;
    noise: ArrayLike<number>;
    feedback?: boolean | undefined;
    pinned?: Uint8Array | undefined;
  },
): Float64Array {
  const f = force(network, state, step.feedback ?? true);
  const amplitude = Math.sqrt(2 * step.temperature * step.dt);
  return Float64Array.from(state, (x, unit) =>
    step.pinned?.[unit] ? x : x + step.dt * f[unit]! + amplitude * step.noise[unit]!,
  );
}
