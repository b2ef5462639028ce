// What data in equilibrium can tell of couplings.
//
// E(x) = ½‖v‖² with v = −x + Jφ(x) + b holds J in the terms x_i φ(x_j), each with its own J_ij, so with φ = tanh the
// energy as a function decides all of J and b, the asymmetric part too. Where activity is weak, φ(x) ≈ x, and E is
// ½‖(J − 1)x + b‖², which no rotation Q of v changes: J − 1 → Q(J − 1), b → Qb. The N(N − 1)/2 rotations are what
// such data cannot tell, and for J ≪ 1 they are the antisymmetric part of J.
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
 * The part of a change of J that rotations of v account for: its orthogonal projection on all A(J − 1). With K = J − 1
 * the best A solves A(KKᵀ) + (KKᵀ)A = DKᵀ − KDᵀ, by conjugate gradients.
 */
export function rotationPart(D: Float64Array, J: ArrayLike<number>, units: number): Float64Array {
  const K = Float64Array.from(J, (value, at) => value - (at % (units + 1) === 0 ? 1 : 0));
  const Kt = transposed(K, units);
  const S = multiply(K, Kt, units);
  const DKt = multiply(D, Kt, units);
  const right = partOf(DKt, units, -1).map((value) => 2 * value);
  const apply = (A: Float64Array) => {
    const AS = multiply(A, S, units);
    return partOf(AS, units, -1).map((value) => 2 * value);
  };
  const dot = (a: Float64Array, b: Float64Array) =>
    a.reduce((sum, value, at) => sum + value * b[at]!, 0);
  const A = new Float64Array(units * units);
  let rest = right.slice();
  let direction = rest.slice();
  let size = dot(rest, rest);
  for (let step = 0; step < 400 && size > 1e-20 * dot(right, right); step++) {
    const image = apply(direction);
    const length = size / dot(direction, image);
    for (let at = 0; at < A.length; at++) A[at]! += length * direction[at]!;
    rest = rest.map((value, at) => value - length * image[at]!);
    const next = dot(rest, rest);
    direction = rest.map((value, at) => value + (next / size) * direction[at]!);
    size = next;
  }
  return rotationOf(A, J, units);
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
