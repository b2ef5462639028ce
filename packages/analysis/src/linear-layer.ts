// A layer of the judge, y = W·x + b, by a small WebAssembly SIMD kernel where there is one. Its sums run in the same
// order as the loop that does without it, so both give the same bits.
import { binary } from "./layer.generated.js";

/** A layer: y = W·x + b for every row x of its inputs. */
export interface Layer {
  /** W, shape [outputs][inputs]. */
  readonly weights: Float64Array;
  readonly bias: Float64Array;
}

/** Inputs, shape [rows][inputs], to outputs, shape [rows][outputs]. */
export type LayerSums = (inputs: Float64Array) => Float64Array;

type Kernel = (
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
const PAGE = 2 ** 16;
/** The kernel's own place, below the arrays. */
const BASE = 2 * PAGE;

let compiled: WebAssembly.Module | false | undefined;

/** The kernel, or false where WebAssembly SIMD does not run. */
function compile(): WebAssembly.Module | false {
  if (compiled !== undefined) return compiled;
  const bytes = Uint8Array.from(atob(binary), (character) => character.charCodeAt(0));
  const runs = typeof WebAssembly === "object" && WebAssembly.validate(bytes);
  compiled = runs && new WebAssembly.Module(bytes);
  return compiled;
}

/**
 * What computes a layer: y = W·x + b, each sum in the order of the inputs, in float64.
 *
 * @param rows the most rows of inputs at a time
 */
export function layerSums(layer: Layer, rows: number): LayerSums {
  const module = compile();
  return module ? kernelSums(layer, rows, module) : (inputs) => plainSums(layer, inputs);
}

function kernelSums({ weights, bias }: Layer, rows: number, module: WebAssembly.Module): LayerSums {
  const width = weights.length / bias.length;
  const outputs = Math.ceil(bias.length / OUTPUTS) * OUTPUTS;
  let end = BASE;
  const place = (length: number) => {
    const at = end;
    end += 8 * length;
    return at;
  };
  const [inputsAt, weightsAt] = [place(rows * width), place(width * outputs)];
  const [biasAt, resultsAt] = [place(outputs), place(rows * outputs)];
  const memory = new WebAssembly.Memory({ initial: Math.ceil(end / PAGE) });
  const kernel = new WebAssembly.Instance(module, { env: { memory } }).exports.layer as Kernel;
  const view = (at: number, length: number) => new Float64Array(memory.buffer, at, length);
  const columns = view(weightsAt, width * outputs);
  weights.forEach((weight, at) => {
    columns[(at % width) * outputs + Math.floor(at / width)] = weight;
  });
  view(biasAt, outputs).set(bias);
  const given = view(inputsAt, rows * width);
  const results = view(resultsAt, rows * outputs);
  return (inputs) => {
    const count = inputs.length / width;
    given.set(inputs);
    kernel(inputsAt, weightsAt, biasAt, resultsAt, count, width, outputs);
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
