// What data in equilibrium can tell of couplings.
//
// E(x) = ½‖v‖² with v = −x + Jφ(x) + b holds J in the terms x_i φ(x_j), each with its own J_ij, so with φ = tanh the
// energy as a function decides all of J and b, the asymmetric part too. Where activity is weak, φ(x) ≈ x, and E is
// ½‖(J − 1)x + b‖², which no rotation Q of v changes: J − 1 → Q(J − 1), b → Qb. The N(N − 1)/2 rotations are what
// such data cannot tell: where J ≪ 1 they are the antisymmetric part of J, and else they mix with the symmetric one.
//
// In between, a small rotation 1 + A with Aᵀ = −A changes E by vᵀA(x − φ(x)) exactly, because vᵀAv = 0. Data tell it
// through x − tanh x alone: the Fisher information of one sample about it is Var(vᵀA(x − φ(x)))/T².
import { chainNoise, firingRates, type Network, speed, streams } from "@neural-langevin/core";

/** The symmetric or the antisymmetric part of a matrix, shape [N][N]. */
export function partOf(J: ArrayLike<number>, units: number, sign: 1 | -1): Float64Array {
  return Float64Array.from({ length: units * units }, (_, at) => {
    const [i, j] = [Math.floor(at / units), at % units];
    return (J[at]! + sign * J[j * units + i]!) / 2;
  });
}

/** ‖M‖, Frobenius. */
export const norm = (matrix: ArrayLike<number>): number =>
  Math.sqrt(Array.from(matrix).reduce((sum, value) => sum + value * value, 0));

/** A(J − 1) for an antisymmetric A: how J changes when v is rotated a little. */
export function rotationOf(A: Float64Array, J: ArrayLike<number>, units: number): Float64Array {
  const result = multiply(A, Float64Array.from(J), units);
  for (let at = 0; at < result.length; at++) result[at]! -= A[at]!;
  return result;
}

/**
 * How far found couplings lie from true ones when every rotation of v is allowed: min over orthogonal Q of
 * ‖(Ĵ − 1) − Q(J − 1)‖. The best Q is the orthogonal factor of (Ĵ − 1)(J − 1)ᵀ (Procrustes), by the iteration
 * X ← (3X − XXᵀX)/2 of Newton and Schulz.
 */
export function distanceUpToRotation(
  found: ArrayLike<number>,
  J: ArrayLike<number>,
  units: number,
): number {
  const minusOne = (matrix: ArrayLike<number>) =>
    Float64Array.from(matrix, (value, at) => value - (at % (units + 1) === 0 ? 1 : 0));
  const [mine, K] = [minusOne(found), minusOne(J)];
  const product = multiply(mine, transposed(K, units), units);
  let Q = product.map((value) => value / norm(product));
  for (let step = 0; step < 200; step++) {
    const next = multiply(multiply(Q, transposed(Q, units), units), Q, units);
    const X = Q.map((value, at) => 1.5 * value - 0.5 * next[at]!);
    const change = norm(X.map((value, at) => value - Q[at]!));
    Q = X;
    if (change < 1e-12) break;
  }
  const turned = multiply(Q, K, units);
  return norm(mine.map((value, at) => value - turned[at]!));
}

/**
 * The Fisher information of one sample about a direction D of J (and c of b) per squared length: the variance of
 * vᵀ(Dφ + c)/T over states in equilibrium.
 *
 * @param states x, shape [P][N]
 */
export function information(
  network: Network,
  states: Float32Array,
  temperature: number,
  D: Float64Array,
  c: Float64Array = new Float64Array(network.units),
): number {
  const { units } = network;
  const v = speed(network, states);
  const rates = firingRates(network, states);
  const count = states.length / units;
  let [sum, square] = [0, 0];
  for (let row = 0; row < states.length; row += units) {
    let score = 0;
    for (let i = 0; i < units; i++) {
      let current = c[i]!;
      for (let j = 0; j < units; j++) current += D[i * units + j]! * rates[row + j]!;
      score += v[row + i]! * current;
    }
    sum += score / temperature;
    square += (score / temperature) ** 2;
  }
  const length = norm(D) ** 2 + norm(c) ** 2;
  return (square / count - (sum / count) ** 2) / length;
}

/** Information of one sample about random rotations of v, and about random changes of J; means over ten of each. */
export function informationRatio(network: Network, states: Float32Array, temperature: number) {
  const { units, bias, couplings } = network;
  const few = states.subarray(0, Math.min(states.length, 2000 * units));
  const directions = Array.from({ length: 10 }, (_, step) => {
    const noise = chainNoise({ seed: 5, stream: streams.parameters, step }, 0, units * units);
    return noise.map((value, at) => (at % (units + 1) === 0 ? 0 : value));
  });
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value) / values.length;
  return {
    rotation: mean(
      directions.map((noise) => {
        const A = partOf(noise, units, -1);
        const c = Float64Array.from({ length: units }, (_, i) => {
          let sum = 0;
          for (let j = 0; j < units; j++) sum += A[i * units + j]! * bias[j]!;
          return sum;
        });
        return information(network, few, temperature, rotationOf(A, couplings, units), c);
      }),
    ),
    any: mean(directions.map((D) => information(network, few, temperature, D))),
  };
}

export function multiply(a: Float64Array, b: Float64Array, units: number): Float64Array {
  const result = new Float64Array(units * units);
  for (let i = 0; i < units; i++) {
    for (let k = 0; k < units; k++) {
      const factor = a[i * units + k]!;
      if (factor === 0) continue;
      for (let j = 0; j < units; j++) result[i * units + j]! += factor * b[k * units + j]!;
    }
  }
  return result;
}

export const transposed = (a: ArrayLike<number>, units: number): Float64Array =>
  Float64Array.from(
    { length: units * units },
    (_, at) => a[(at % units) * units + Math.floor(at / units)]!,
  );
