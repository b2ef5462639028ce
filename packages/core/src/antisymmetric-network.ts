// Couplings that are stiff in every direction alike: the start from which a machine learns images that one can read.
import {
  type InitialNetwork,
  type InitialNetworkOptions,
  requireInitialNetworkOptions,
} from "./network.js";
import { chainNoise, streams } from "./noise.js";

/** Reflections that mix the pairs; with 40 of them a machine learns as from a uniformly random basis. */
const REFLECTIONS = 40;

/**
 * A network before learning whose couplings are antisymmetric and orthogonal up to their gain: J = g·U·B·Uᵀ with
 * Jᵀ = −J, JᵀJ = g²·1 and b = 0. B has the blocks [[0, 1], [−1, 0]] on its diagonal; U is a product of 40 Householder
 * reflections 1 − 2uuᵀ with random unit vectors u. For an odd N, one direction has no partner and no coupling.
 *
 * Near x = 0 the energy is ½‖(J − 1)x‖², and (1 − J)ᵀ(1 − J) = (1 + g²)·1: no direction is soft, whereas a Gaussian J
 * of gain g > 1 has directions without any restoring force. Learning carves the directions of the data out of this
 * stiff ground.
 *
 * The vectors u come from the stream `parameters` at the steps 1 … 40, so equal seeds give equal networks.
 * Time O(40·N²).
 *
 * @param options.gain g, the modulus of all eigenvalues ±ig of J
 * @throws invalid-value
 */
export function antisymmetricNetwork(options: InitialNetworkOptions): InitialNetwork {
  requireInitialNetworkOptions(options);
  const { units, gain, seed, activation = "tanh" } = options;

  // Only i < j is computed; the rest follows from antisymmetry.
  const upper = new Float64Array(units * units);
  for (let i = 0; i + 1 < units; i += 2) upper[i * units + i + 1] = gain;
  let u = new Float64Array(units);
  let image = new Float64Array(units);
  for (let reflection = 1; reflection <= REFLECTIONS + 1; reflection++) {
    const next =
      reflection <= REFLECTIONS ? unitVector(units, seed, reflection) : new Float64Array(units);
    const nextImage = new Float64Array(units);
    // One pass finishes a reflection, J ← J + 2(u wᵀ − w uᵀ) with w = Ju, and begins the next one with its own w.
    for (let i = 0; i < units; i++) {
      const [ui, wi, nextI] = [2 * u[i]!, 2 * image[i]!, next[i]!];
      let sum = 0;
      for (let j = i + 1, at = i * units + i + 1; j < units; j++, at++) {
        const value = upper[at]! + ui * image[j]! - wi * u[j]!;
        upper[at] = value;
        sum += value * next[j]!;
        nextImage[j]! -= value * nextI;
      }
      nextImage[i]! += sum;
    }
    u = next;
    image = nextImage;
  }

  const couplings = new Float32Array(units * units);
  for (let i = 0; i < units; i++) {
    for (let j = i + 1; j < units; j++) {
      couplings[i * units + j] = upper[i * units + j]!;
      couplings[j * units + i] = -upper[i * units + j]!;
    }
  }
  return { units, couplings, bias: new Float32Array(units), activation };
}

/** A random vector of length 1, shape [N]. */
function unitVector(units: number, seed: number, step: number): Float64Array<ArrayBuffer> {
  const vector = Float64Array.from(
    chainNoise({ seed, stream: streams.parameters, step }, 0, units),
  );
  let squares = 0;
  for (const value of vector) squares += value * value;
  const length = Math.sqrt(squares);
  return vector.map((value) => value / length);
}
