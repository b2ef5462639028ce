// Couplings whose singular values are all the gain: orthogonal ones, and among them the antisymmetric ones, from which a
// machine learns images that one can read.
import {
  type InitialNetwork,
  type InitialNetworkOptions,
  requireInitialNetworkOptions,
} from "./network.js";
import { streams } from "./noise.js";
import { permutation, uniforms } from "./order.js";

/**
 * Layers of rotations. After log₂ N of them every unit has met every other; with twice as many the entries of J are
 * spread like those of a Gaussian matrix.
 */
const layersOf = (units: number): number => 2 * Math.ceil(Math.log2(units));

/**
 * A network before learning whose couplings are antisymmetric and orthogonal up to their gain: J = g·U·B·Uᵀ with
 * Jᵀ = −J, JᵀJ = g²·1 and b = 0. B has the blocks [[0, 1], [−1, 0]] on its diagonal; U is a product of 2⌈log₂ N⌉ layers,
 * each of which deals the units into random pairs and rotates every pair by a random angle. For an odd N, one direction
 * has no partner and no coupling.
 *
 * Near x = 0 the energy is ½‖(J − 1)x‖², and (1 − J)ᵀ(1 − J) = (1 + g²)·1: no direction is soft, whereas a Gaussian J
 * of gain g > 1 has directions without any restoring force. Learning carves the directions of the data out of this
 * stiff ground.
 *
 * Pairs and angles come from the stream `parameters` at the steps 1, 2, …, so equal seeds give equal networks.
 * Time O(N² log N).
 *
 * @param options.gain g, the modulus of all eigenvalues ±ig of J
 * @throws invalid-value
 */
export function antisymmetricNetwork(options: InitialNetworkOptions): InitialNetwork {
  requireInitialNetworkOptions(options);
  const { units, gain, seed, activation = "tanh" } = options;

  const matrix = new Float64Array(units * units);
  for (let i = 0; i + 1 < units; i += 2) {
    matrix[i * units + i + 1] = gain;
    matrix[(i + 1) * units + i] = -gain;
  }
  for (let layer = 1; layer <= layersOf(units); layer++) {
    const rotations = rotationsOf(units, seed, layer);
    rotateRows(matrix, rotations);
    rotateColumns(matrix, rotations);
  }

  // Rounding leaves J antisymmetric to sixteen digits; here it becomes so exactly.
  const couplings = new Float32Array(units * units);
  for (let i = 0; i < units; i++) {
    for (let j = i + 1; j < units; j++) {
      couplings[i * units + j] = matrix[i * units + j]!;
      couplings[j * units + i] = -matrix[i * units + j]!;
    }
  }
  return { units, couplings, bias: new Float32Array(units), activation };
}

/**
 * A network before learning whose couplings are orthogonal up to their gain: J = g·U with JᵀJ = g²·1 and b = 0, U the
 * mixing rotation of `antisymmetricNetwork`. Near x = 0, (1 − J)ᵀ(1 − J) = (1 + g²)·1 − (J + Jᵀ) has eigenvalues from
 * (g − 1)² to (g + 1)²: without soft directions for a large g, but not equally stiff.
 *
 * @param options.gain g, the modulus of all eigenvalues of J
 * @throws invalid-value
 */
export function orthogonalNetwork(options: InitialNetworkOptions): InitialNetwork {
  requireInitialNetworkOptions(options);
  const { units, gain, seed, activation = "tanh" } = options;
  const matrix = new Float64Array(units * units);
  for (let i = 0; i < units; i++) matrix[i * units + i] = gain;
  for (let layer = 1; layer <= layersOf(units); layer++) {
    rotateRows(matrix, rotationsOf(units, seed, layer));
  }
  const couplings = new Float32Array(matrix);
  return { units, couplings, bias: new Float32Array(units), activation };
}

/** Disjoint pairs of units, and the cosine and sine of each pair's angle. */
interface Rotations {
  readonly first: Uint32Array;
  readonly second: Uint32Array;
  readonly cosine: Float64Array;
  readonly sine: Float64Array;
}

function rotationsOf(units: number, seed: number, layer: number): Rotations {
  const source = (step: number) => ({ seed, stream: streams.parameters, step });
  const order = permutation(source(2 * layer - 1), units);
  const pairs = Math.floor(units / 2);
  const angles = uniforms(source(2 * layer), 0, pairs).map((turn) => 2 * Math.PI * turn);
  return {
    first: order.subarray(0, pairs),
    second: order.subarray(pairs, 2 * pairs),
    cosine: angles.map(Math.cos),
    sine: angles.map(Math.sin),
  };
}

/** J ← R·J with the rotation R of all pairs. */
function rotateRows(matrix: Float64Array, { first, second, cosine, sine }: Rotations): void {
  const units = Math.sqrt(matrix.length);
  for (let pair = 0; pair < first.length; pair++) {
    const [c, s] = [cosine[pair]!, sine[pair]!];
    let [i, j] = [first[pair]! * units, second[pair]! * units];
    for (let column = 0; column < units; column++, i++, j++) {
      const [a, b] = [matrix[i]!, matrix[j]!];
      matrix[i] = c * a - s * b;
      matrix[j] = s * a + c * b;
    }
  }
}

/** J ← J·Rᵀ. */
function rotateColumns(matrix: Float64Array, { first, second, cosine, sine }: Rotations): void {
  const units = Math.sqrt(matrix.length);
  for (let row = 0; row < matrix.length; row += units) {
    for (let pair = 0; pair < first.length; pair++) {
      const [i, j] = [row + first[pair]!, row + second[pair]!];
      const [a, b] = [matrix[i]!, matrix[j]!];
      matrix[i] = cosine[pair]! * a - sine[pair]! * b;
      matrix[j] = sine[pair]! * a + cosine[pair]! * b;
    }
  }
}
