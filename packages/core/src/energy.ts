// Kinetic energy and what follows from it: speed, force and the virial. Plain float64 loops that say
// the definitions; every backend is compared with them.
import { firingRate, slope } from "./activation.js";
import { countStates, type Network, type Values } from "./network.js";

/** Firing rates φ(x), shape of x. */
export function firingRates(network: Network, states: Values): Float64Array {
  const activation = network.activation ?? "tanh";
  return Float64Array.from(states, (x) => firingRate(activation, x));
}

/**
 * Speed of the noiseless network, v = Jφ(x) + b − x.
 *
 * @param states x, shape [B][N]
 * @returns v, shape [B][N]
 * @throws wrong-length
 */
export function speed(network: Network, states: Values): Float64Array {
  const { units, couplings, bias } = network;
  const chains = countStates(states, units);
  const phi = firingRates(network, states);
  const v = new Float64Array(states.length);
  for (let chain = 0; chain < chains; chain++) {
    const row = chain * units;
    for (let i = 0; i < units; i++) {
      let current = 0;
      for (let j = 0; j < units; j++) current += couplings[i * units + j]! * phi[row + j]!;
      v[row + i] = current + bias[i]! - states[row + i]!;
    }
  }
  return v;
}

/**
 * Speed of one unit, v_i = Σ_j J_ij φ(x_j) + b_i − x_i, for those who look at few units of many states.
 *
 * @param states x, shape [B][N]
 * @param unit i
 * @returns v_i, shape [B]
 * @throws wrong-length
 */
export function unitSpeed(network: Network, states: Values, unit: number): Float64Array {
  const { units, couplings, bias, activation = "tanh" } = network;
  const row = unit * units;
  return Float64Array.from({ length: countStates(states, units) }, (_, chain) => {
    const at = chain * units;
    let current = 0;
    for (let j = 0; j < units; j++) {
      current += couplings[row + j]! * firingRate(activation, states[at + j]!);
    }
    return current + bias[unit]! - states[at + unit]!;
  });
}

/**
 * Kinetic energy E(x) = ½‖v‖² of every chain; its zeros are the network's fixed points.
 *
 * @param states x, shape [B][N]
 * @returns E, shape [B]
 * @throws wrong-length
 */
export function energy(network: Network, states: Values): Float64Array {
  const { units } = network;
  const v = speed(network, states);
  return Float64Array.from({ length: v.length / units }, (_, chain) => {
    let sum = 0;
    for (let i = 0; i < units; i++) sum += v[chain * units + i]! ** 2;
    return sum / 2;
  });
}

/**
 * Force F = −∇E = v − φ′(x) ∘ (Jᵀv). Its second term is the feedback (Onsager) term.
 *
 * @param states x, shape [B][N]
 * @param feedback false leaves the feedback term out, so that F = v
 * @returns F, shape [B][N]
 * @throws wrong-length
 */
export function force(network: Network, states: Values, feedback = true): Float64Array {
  const { units, couplings } = network;
  const activation = network.activation ?? "tanh";
  const v = speed(network, states);
  if (!feedback) return v;
  const result = new Float64Array(v.length);
  for (let row = 0; row < v.length; row += units) {
    for (let j = 0; j < units; j++) {
      let back = 0;
      for (let i = 0; i < units; i++) back += couplings[i * units + j]! * v[row + i]!;
      const phi = firingRate(activation, states[row + j]!);
      result[row + j] = v[row + j]! - slope(activation, phi) * back;
    }
  }
  return result;
}

/**
 * The virial x·∇E of every chain. In equilibrium ⟨x·∇E⟩ = N·T exactly, so ⟨x·∇E⟩/(N·T) measures what
 * a finite step size costs.
 *
 * @param states x, shape [B][N]
 * @returns x·∇E, shape [B], in the unit of E
 * @throws wrong-length
 */
export function virial(network: Network, states: Values): Float64Array {
  const { units } = network;
  const f = force(network, states);
  return Float64Array.from({ length: f.length / units }, (_, chain) => {
    let sum = 0;
    for (let i = 0; i < units; i++) sum -= states[chain * units + i]! * f[chain * units + i]!;
    return sum;
  });
}
