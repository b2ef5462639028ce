// Codes of images: learned by an autoencoder in stages, and given to a machine as its data.
import { type PointSet, principalComponents } from "@neural-langevin/analysis";
import { chainNoise, FRESH_CHAINS, streams } from "@neural-langevin/core";
import { decodeStates, type ImageSet, ratesOfStates } from "@neural-langevin/datasets";
import { sha256 } from "@neural-langevin/datasets/node";
import type { TrainingData } from "@neural-langevin/runs";
import { Progress } from "../progress.js";
import {
  type Autoencoder,
  type AutoencoderPlan,
  lossOf,
  type TensorFlow,
  trainAutoencoder,
} from "./autoencoder.js";
import type { Workbench } from "./workbench.js";

/** How codes, as states, compare with those of training images. */
export interface CodeQuality {
  readonly A_S: number;
  readonly A_T: number;
  /** E⁽²⁾. */
  readonly covarianceError: number;
}

export interface Epochs {
  readonly epochs: number;
  /** Epochs after which the autoencoder is written down. */
  readonly keptEvery: number;
}

/** Grey levels as the autoencoder sees them, u = 2p − 1. */
const inputs = ({ pixels }: ImageSet): Float32Array =>
  Float32Array.from(pixels, (level) => (2 * level) / 255 - 1);

/** Trains an autoencoder, in stages of some epochs; returns its state. */
export async function learnCodes(
  bench: Workbench,
  name: string,
  work: Epochs & { tensorFlow: TensorFlow; plan: AutoencoderPlan; images: ImageSet },
): Promise<Float32Array> {
  const { tensorFlow, plan, images, epochs, keptEvery } = work;
  let state: Float32Array | undefined;
  for (let first = 0; first < epochs; first += keptEvery) {
    const end = Math.min(first + keptEvery, epochs);
    const { values } = await bench.array(`${name}-${end}`, async () => {
      const progress = new Progress(bench.terminal, name, "epochs", first, epochs);
      const follow = (done: number, loss: number) => {
        progress.show(done, `squared error ${loss.toFixed(4)}`);
      };
      const range = [first, end] as const;
      const after = await trainAutoencoder(tensorFlow, plan, inputs(images), state, range, follow);
      return { shape: [after.length], values: after };
    });
    state = values as Float32Array;
  }
  bench.terminal.say(`${name}: squared error ${lossOf(state!).toFixed(4)}`);
  return state!;
}

/**
 * How codes become states and states codes: every number of a code is brought to mean 0 and standard deviation 1 over
 * the training images. A machine whose noise has unit variance cannot learn numbers that are much larger, where tanh
 * only knows their sign.
 */
export interface Standard {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/** The means and standard deviations of some codes, shape [count][d]. */
export function standardOf(codes: Float32Array, code: number): Standard {
  const count = codes.length / code;
  const mean = new Float64Array(code);
  const square = new Float64Array(code);
  codes.forEach((value, at) => {
    mean[at % code]! += value / count;
    square[at % code]! += value ** 2 / count;
  });
  return { mean, deviation: square.map((value, at) => Math.sqrt(value - mean[at]! ** 2)) };
}

export const toStates = (codes: Float32Array, { mean, deviation }: Standard): Float32Array =>
  codes.map((value, at) => (value - mean[at % mean.length]!) / deviation[at % mean.length]!);

export const toCodes = (states: ArrayLike<number>, { mean, deviation }: Standard): Float32Array =>
  Float32Array.from(
    states,
    (value, at) => value * deviation[at % mean.length]! + mean[at % mean.length]!,
  );

/** Codes of images, shape [count][d]. */
export async function encode(
  bench: Workbench,
  name: string,
  autoencoder: Autoencoder,
  images: ImageSet,
  code: number,
): Promise<Float32Array> {
  const { values } = await bench.array(name, () => ({
    shape: [images.count, code],
    values: autoencoder.encode(inputs(images)),
  }));
  return values as Float32Array;
}

/** Codes as a machine's data: states of d units, seen as images of one row. */
export function dataOfCodes(
  data: TrainingData,
  codes: Float32Array,
  kept: Float32Array,
  code: number,
): TrainingData {
  const asImages = (set: ImageSet, states: Float32Array): ImageSet => ({
    ...{ width: code, height: 1, count: set.count, labels: set.labels },
    ...{ pixels: decodeStates(states), source: `codes of ${set.source}` },
  });
  return {
    training: asImages(data.training, codes),
    heldOut: asImages(data.heldOut, kept),
    states: codes,
    heldOutRates: ratesOfStates(kept),
    units: code,
    sha256: sha256(new Uint8Array(codes.buffer, codes.byteOffset, codes.byteLength)),
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
