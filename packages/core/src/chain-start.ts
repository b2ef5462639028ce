// Where chains begin. A machine that was trained with chains from the mean of its data is sampled from there, too: from
// elsewhere, chains fall into states that training never visited.
import { requireInteger } from "./arguments.js";
import type { ChainGaussian } from "./backend/contract.js";
import { LangevinError } from "./errors.js";
import { countStates, type Values } from "./network.js";
import { chainNoise, type NoiseSource, streams } from "./noise.js";

/**
 * The start at the mean of some states: x ~ N(⟨x⟩, σ²) for every unit by itself.
 *
 * @param states x, shape [P][N], P ≥ 1
 * @param spread σ; 1 unless given
 * @throws wrong-length
 */
export function dataStart(
  states: Values,
  units: number,
  spread = 1,
): { readonly mean: Float32Array; readonly spread: number } {
  const count = countStates(states, units);
  if (count === 0) throw new LangevinError("wrong-length", "states must hold at least one state.");
  const mean = new Float64Array(units);
  for (let start = 0; start < states.length; start += units) {
    for (let unit = 0; unit < units; unit++) mean[unit]! += states[start + unit]! / count;
  }
  return { mean: new Float32Array(mean), spread };
}

/**
 * Around what one chain of a Gaussian is drawn: μ + Σ_k z_k·c_k, with z of `streams.components`.
 *
 * @param chain global index of the chain
 * @returns shape [N]
 */
export function chainMean(
  { mean, components = new Float32Array(0) }: ChainGaussian,
  { seed, step }: Pick<NoiseSource, "seed" | "step">,
  chain: number,
  units: number,
): Float32Array {
  const sum = mean ? Float64Array.from(mean) : new Float64Array(units);
  const count = components.length / units;
  if (count === 0) return new Float32Array(sum);
  const normals = chainNoise({ seed, stream: streams.components, step }, chain, count);
  normals.forEach((normal, k) => {
    for (let unit = 0; unit < units; unit++) sum[unit]! += normal * components[k * units + unit]!;
  });
  return new Float32Array(sum);
}

/**
 * Numbers of the states that components are found from, at most, which bounds the time; and rounds that bring them nearer to
 * the leading ones, of which one gives 0.99 of what two do.
 */
const COMPONENTS = { numbers: 500_000, rounds: 1 };

/**
 * The start as a draw of the Gaussian that has the mean of some states and the leading part of their covariance: x = ⟨x⟩ +
 * Σ_k z_k·c_k + σ·ξ. Chains then begin as differently as the data are, which leads them to more of what was learned than
 * one point does. The directions are found by randomised subspace iteration (Halko, Martinsson and Tropp 2011) on
 * some of the states, evenly spread, and CᵀC is the covariance within them.
 *
 * @param states x, shape [P][N], P ≥ 1
 * @param options.components K; as many as there are states or units where these are fewer
 * @param options.spread σ; 1 unless given
 * @throws wrong-length, invalid-value
 */
export function gaussianStart(
  states: Values,
  units: number,
  { components: wanted, spread = 1 }: { readonly components: number; readonly spread?: number },
): {
  readonly mean: Float32Array;
  readonly components: Float32Array;
  readonly spread: number;
} {
  requireInteger("components", wanted, 1);
  const { mean } = dataStart(states, units);
  const count = states.length / units;
  const rows = Math.min(count, Math.max(2 * wanted, Math.floor(COMPONENTS.numbers / units)));
  const centred = new Float64Array(rows * units);
  for (let row = 0; row < rows; row++) {
    const place = Math.floor((row * count) / rows);
    for (let unit = 0; unit < units; unit++) {
      centred[row * units + unit] = states[place * units + unit]! - mean[unit]!;
    }
  }
  const K = Math.min(wanted, rows, units);
  const mixes = Array.from({ length: K }, (_, k) =>
    chainNoise({ seed: 0, stream: streams.components, step: 0 }, k, rows),
  );
  let directions = orthonormal(mixes.map((mix) => combined(mix, centred, units)));
  for (let round = 0; round < COMPONENTS.rounds; round++) {
    directions = orthonormal(
      directions.map((one) => combined(projected(one, centred), centred, units)),
    );
  }
  // The covariance within the directions, S = L·Lᵀ; components Lᵀ·directions have it.
  const projections = directions.map((one) => projected(one, centred));
  const factor = cholesky(projections.map((a) => projections.map((b) => dot(a, b) / rows)));
  const components = new Float32Array(directions.length * units);
  directions.forEach((_, k) => {
    for (let j = k; j < directions.length; j++) {
      for (let unit = 0; unit < units; unit++) {
        components[k * units + unit]! += factor[j]![k]! * directions[j]![unit]!;
      }
    }
  });
  return { mean, components, spread };
}

/** Σ_r w_r·row_r, shape [N]. */
function combined(weights: Float64Array, rows: Float64Array, units: number): Float64Array {
  const sum = new Float64Array(units);
  weights.forEach((weight, row) => {
    for (let unit = 0; unit < units; unit++) sum[unit]! += weight * rows[row * units + unit]!;
  });
  return sum;
}

/** The product of every row with a direction, shape [rows]. */
function projected(direction: Float64Array, rows: Float64Array): Float64Array {
  const units = direction.length;
  return Float64Array.from({ length: rows.length / units }, (_, row) =>
    dot(direction, rows.subarray(row * units, (row + 1) * units)),
  );
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Vectors made orthonormal one after the other, twice each; those that others span are left out. */
function orthonormal(vectors: readonly Float64Array[]): Float64Array[] {
  const found: Float64Array[] = [];
  for (const vector of vectors) {
    const rest = Float64Array.from(vector);
    for (const one of [...found, ...found]) {
      const share = dot(rest, one);
      for (let i = 0; i < rest.length; i++) rest[i]! -= share * one[i]!;
    }
    const norm = Math.sqrt(dot(rest, rest));
    if (norm > 1e-6 * Math.sqrt(dot(vector, vector))) found.push(rest.map((value) => value / norm));
  }
  return found;
}

/** L with S = L·Lᵀ and zeros above its diagonal, of a symmetric matrix without negative eigenvalues. */
function cholesky(matrix: readonly (readonly number[])[]): number[][] {
  const factor = matrix.map((row) => row.map(() => 0));
  matrix.forEach((row, i) => {
    for (let j = 0; j <= i; j++) {
      let rest = row[j]!;
      for (let k = 0; k < j; k++) rest -= factor[i]![k]! * factor[j]![k]!;
      const pivot = factor[j]![j]!;
      factor[i]![j] = i === j ? Math.sqrt(Math.max(0, rest)) : pivot > 0 ? rest / pivot : 0;
    }
  });
  return factor;
}
