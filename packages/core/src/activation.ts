// Firing rates. tanh is the network of the paper; the identity makes the measure a Gaussian whose
// moments are known exactly, which is what the tests of sampling and learning need.

/** `tanh`: φ(x) = tanh x, φ′ = 1 − φ². `identity`: φ(x) = x, φ′ = 1. */
export type Activation = "tanh" | "identity";

/** The names of all activations. */
export const activations: readonly Activation[] = ["tanh", "identity"];

/** The firing rate φ(x) of one unit. */
export function firingRate(activation: Activation, x: number): number {
  return activation === "tanh" ? Math.tanh(x) : x;
}

/** The slope φ′(x) of one unit, given its firing rate φ. */
export function slope(activation: Activation, phi: number): number {
  return activation === "tanh" ? 1 - phi * phi : 1;
}
