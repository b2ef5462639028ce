// Codes of images as states of a machine, and normal codes to compare with.
import { type PointSet, principalComponents } from "@neural-langevin/analysis";
import { chainNoise, FRESH_CHAINS, streams } from "@neural-langevin/core";
import { decodeStates, encodingOf, type ImageSet, ratesOfStates } from "@neural-langevin/datasets";
import { sha256, type TrainingData } from "@neural-langevin/runs";

/**
 * How codes become states and states codes: every number of a code is brought to mean 0 and standard deviation 1 over
 * the training images. A machine whose noise has unit variance cannot learn numbers that are much larger, where tanh
 * only knows their sign.
 */
export interface Standardisation {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/** The means and standard deviations of some codes, shape [count][d]. */
export function standardisationOf(codes: Float32Array, code: number): Standardisation {
  const count = codes.length / code;
  const mean = new Float64Array(code);
  const square = new Float64Array(code);
  codes.forEach((value, at) => {
    mean[at % code]! += value / count;
    square[at % code]! += value ** 2 / count;
  });
  return { mean, deviation: square.map((value, at) => Math.sqrt(value - mean[at]! ** 2)) };
}

export const statesOfCodes = (
  codes: Float32Array,
  { mean, deviation }: Standardisation,
): Float32Array =>
  codes.map((value, at) => (value - mean[at % mean.length]!) / deviation[at % mean.length]!);

export const codesOfStates = (
  states: Float32Array,
  { mean, deviation }: Standardisation,
): Float32Array =>
  states.map((value, at) => value * deviation[at % mean.length]! + mean[at % mean.length]!);

/** Codes, as states of d units, as a machine's data; seen as images of one row. */
export async function dataOfCodes(
  { training, heldOut, split }: TrainingData,
  {
    states,
    heldOutStates,
    code,
  }: {
    readonly states: Float32Array;
    readonly heldOutStates: Float32Array;
    readonly code: number;
  },
): Promise<TrainingData> {
  const imagesOf = (set: ImageSet, values: Float32Array): ImageSet => ({
    width: code,
    height: 1,
    count: set.count,
    labels: set.labels,
    pixels: decodeStates(values),
    source: `codes of ${set.source}`,
  });
  return {
    training: imagesOf(training, states),
    heldOut: imagesOf(heldOut, heldOutStates),
    encoding: encodingOf(undefined),
    states,
    heldOutRates: ratesOfStates(heldOutStates),
    units: code,
    pixels: code,
    labelUnits: undefined,
    sha256: await sha256(states),
    heldOutSha256: await sha256(heldOutStates),
    split,
  };
}

/** Points of a normal distribution with the mean and covariance of some codes, shape [count][d]. */
export function normalCodes(codes: PointSet, count: number, seed: number): Float64Array {
  const { dimension } = codes;
  const { mean, components, variances } = principalComponents(codes, dimension);
  const result = new Float64Array(count * dimension);
  const source = { seed, stream: streams.initialState, step: 0 };
  for (let point = 0; point < count; point++) {
    const noise = chainNoise(source, FRESH_CHAINS + point, dimension);
    for (let i = 0; i < dimension; i++) {
      let value = mean[i]!;
      for (let k = 0; k < dimension; k++) {
        value += Math.sqrt(variances[k]!) * noise[k]! * components[k * dimension + i]!;
      }
      result[point * dimension + i] = value;
    }
  }
  return result;
}
