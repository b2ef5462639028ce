// The Hopfield network, the plain baseline of an associative memory.
import { chainNoise, LangevinError, type Values } from "@neural-langevin/core";
import { requireInteger, requireLength } from "@neural-langevin/core/backend";
import { inverse, Matrix } from "ml-matrix";
import type { PointSet } from "./points.js";

/** Couplings of binary units s_i = ±1. */
export interface HopfieldNetwork {
  /** N. */
  readonly units: number;
  /** W, symmetric with zero diagonal, shape [N][N]. */
  readonly couplings: Float64Array;
}

/**
 * `hebbian`: W = (1/N) Σ_μ ξ^μ ξ^μᵀ (Hopfield, PNAS 1982). `projection`, also called pseudo-inverse:
 * W = Ξ(ΞᵀΞ)⁻¹Ξᵀ, which stores any linearly independent patterns (Personnaz, Guyon, Dreyfus, J. Phys.
 * Lett. 1985). The diagonal is removed from both.
 */
export type HopfieldRule = "hebbian" | "projection";

/**
 * Stores patterns as their signs (zero counts as −1).
 *
 * @throws invalid-value (linearly dependent patterns under the projection rule)
 */
export function hopfieldNetwork(patterns: PointSet, rule: HopfieldRule): HopfieldNetwork {
  const { count, dimension: units } = patterns;
  const signs = Matrix.from1DArray(count, units, signsOf(patterns.values));
  const overlaps = signs.mmul(signs.transpose()).div(units);
  const weights = rule === "hebbian" ? Matrix.eye(count) : inverseOf(overlaps);
  const couplings = signs.transpose().mmul(weights).mmul(signs).div(units);
  for (let i = 0; i < units; i++) couplings.set(i, i, 0);
  return { units, couplings: Float64Array.from(couplings.to1DArray()) };
}

/** Where a network went. */
export interface HopfieldRecall {
  /** s, shape [N], entries ±1. */
  readonly state: Float64Array;
  /** Sweeps over all units until nothing changed. */
  readonly sweeps: number;
  /** False when the sweeps ran out, or a synchronous network came back to the state before the last. */
  readonly converged: boolean;
}

/**
 * Recalls from a state's signs, s_i ← sgn Σ_j W_ij s_j, where 0 keeps the unit as it is.
 *
 * @param state shape [N]
 * @param options.order `asynchronous` (one unit after another in a random order drawn anew for each
 *   sweep from the seed; always ends in a fixed point) or `synchronous` (all at once; may cycle)
 * @throws wrong-length, invalid-value
 */
export function hopfieldRecall(
  network: HopfieldNetwork,
  state: Values,
  options: { order?: "asynchronous" | "synchronous"; sweeps?: number; seed?: number } = {},
): HopfieldRecall {
  const { units, couplings } = network;
  const { order = "asynchronous", sweeps = 1000, seed = 0 } = options;
  requireLength("state", state, units);
  requireInteger("sweeps", sweeps, 1);
  let s: Float64Array = signsOf(state);
  let before: Float64Array | undefined;
  for (let sweep = 1; sweep <= sweeps; sweep++) {
    const next = s.slice();
    const read = order === "synchronous" ? s : next;
    for (const i of order === "synchronous" ? next.keys() : shuffled(units, seed, sweep)) {
      let field = 0;
      for (let j = 0; j < units; j++) field += couplings[i * units + j]! * read[j]!;
      if (field !== 0) next[i] = Math.sign(field);
    }
    const same = (other?: Float64Array) => other?.every((value, i) => value === next[i]) ?? false;
    if (same(s)) return { state: next, sweeps: sweep, converged: true };
    if (same(before)) return { state: next, sweeps: sweep, converged: false };
    before = s;
    s = next;
  }
  return { state: s, sweeps, converged: false };
}

const signsOf = (values: Values): Float64Array =>
  Float64Array.from(values, (value) => (value > 0 ? 1 : -1));

/** All units in an order that seed and sweep decide. */
function shuffled(units: number, seed: number, sweep: number): number[] {
  const keys = chainNoise({ seed, stream: 0, step: sweep }, 0, units);
  return [...keys.keys()].sort((a, b) => keys[a]! - keys[b]!);
}

function inverseOf(overlaps: Matrix): Matrix {
  try {
    return inverse(overlaps);
  } catch (cause) {
    throw new LangevinError(
      "invalid-value",
      "The projection rule needs linearly independent patterns, and these are not.",
      "Leave out patterns that repeat others.",
      { cause },
    );
  }
}
