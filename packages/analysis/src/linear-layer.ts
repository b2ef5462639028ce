// A layer of the judge, y = W·x + b, by a small WebAssembly SIMD kernel where there is one. Its sums run in the same
// order as the loop that does without it, so both give the same bits.
import { binary } from "./layer.generated.js";
import { SimdKernel } from "./simd-kernel.js";

/** A layer: y = W·x + b for every row x of its inputs. */
export interface Layer {
  /** W, shape [outputs][inputs]. */
  readonly weights: Float64Array;
  readonly bias: Float64Array;
}

/** Inputs, shape [rows][inputs], to outputs, shape [rows][outputs]. */
export type LayerSums = (inputs: Float64Array) => Float64Array;

type LayerKernel = (
  inputs: number,
  weights: number,
  bias: number,
  results: number,
  rows: number,
  width: number,
  outputs: number,
) => void;

/** Outputs that the kernel sums at once. */
const OUTPUTS = 8;
const kernel = new SimdKernel<LayerKernel>(binary, "layer");

/**
 * What computes a layer: y = W·x + b, each sum in the order of the inputs, in float64.
 *
 * @param rows the most rows of inputs at a time
 */
export function layerSums(layer: Layer, rows: number): LayerSums {
  const { weights, bias } = layer;
  const width = weights.length / bias.length;
  const outputs = Math.ceil(bias.length / OUTPUTS) * OUTPUTS;
  const lengths = [rows * width, width * outputs, outputs, rows * outputs];
  const opened = kernel.open(lengths.map((length) => 8 * length));
  if (!opened) return (inputs) => plainSums(layer, inputs);
  const { call, at, buffer } = opened;
  const [given, columns, padded, results] = at.map(
    (start, array) => new Float64Array(buffer, start, lengths[array]),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array];
  const [inputsAt, weightsAt, biasAt, resultsAt] = at as [number, number, number, number];
  weights.forEach((weight, place) => {
    columns[(place % width) * outputs + Math.floor(place / width)] = weight;
  });
  padded.set(bias);
  return (inputs) => {
    const count = inputs.length / width;
    given.set(inputs);
    call(inputsAt, weightsAt, biasAt, resultsAt, count, width, outputs);
    const own = new Float64Array(count * bias.length);
    for (let row = 0; row < count; row++) {
      const from = row * outputs;
      own.set(results.subarray(from, from + bias.length), row * bias.length);
    }
    return own;
  };
}

/** The same without the kernel. */
export function plainSums({ weights, bias }: Layer, inputs: Float64Array): Float64Array {
  const outputs = bias.length;
  const width = weights.length / outputs;
  const results = new Float64Array((inputs.length / width) * outputs);
  for (let at = 0; at < results.length; at++) {
    const output = at % outputs;
    const from = ((at - output) / outputs) * width;
    let sum = 0;
    for (let k = 0; k < width; k++) sum += inputs[from + k]! * weights[output * width + k]!;
    results[at] = sum + bias[output]!;
  }
  return results;
}
