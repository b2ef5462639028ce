// Noise made on the device: the shared noise by programs of this project's, which TensorFlow.js runs on graphics devices as
// it runs its own, and TensorFlow's own noise in Node.
import type { NoiseSource } from "@neural-langevin/core";
import { noiseWords, splitInteger } from "@neural-langevin/core/backend";
import { noiseGlsl, noiseWgsl } from "@neural-langevin/noise";
import type * as TensorFlowCore from "@tensorflow/tfjs-core";
import type { Tensor2D, TensorInfo } from "@tensorflow/tfjs-core";
import { runNative } from "./native-operations.js";

type TensorFlow = typeof TensorFlowCore;

/** Makes unit normals, shape [chains][units], of the chains from a global index on; the shared ones are core's `chainNoise`. */
export type Normals = (
  source: NoiseSource,
  firstChain: number,
  chains: number,
  units: number,
) => Tensor2D;

// What is called of TensorFlow.js's own backends, whose types come with packages that may be missing.
interface WebglPrograms {
  compileAndRun(
    program: object,
    inputs: readonly TensorInfo[],
    dtype: "float32",
    uniforms: readonly (readonly number[])[],
  ): TensorInfo;
}
interface WebgpuPrograms {
  runWebGPUProgram(
    program: object,
    inputs: readonly TensorInfo[],
    dtype: "float32",
    uniforms: readonly { readonly type: "int32"; readonly data: readonly number[] }[],
  ): TensorInfo;
}

/** The words of the noise in the order of the programs' arguments, as signed integers of the same bits. */
function argumentsOf({ seed, stream, step }: NoiseSource, firstChain: number): number[][] {
  const signed = (words: readonly number[]) => words.map((word) => word | 0);
  return [[firstChain], [stream], splitInteger(seed), splitInteger(step)].map(signed);
}

/** Normals by WebGL 2, four numbers in a texel: two chains of two units. What lies beyond the matrix has to be 0. */
export function webglNormals(tf: TensorFlow): Normals {
  return (source, firstChain, chains, units) => {
    const backend = tf.backend() as unknown as WebglPrograms;
    const program = {
      variableNames: [],
      outputShape: [chains, units],
      packedOutput: true,
      customUniforms: [
        { name: "firstChain", type: "int" },
        { name: "stream", type: "int" },
        { name: "seed", type: "ivec2" },
        { name: "time", type: "ivec2" },
      ],
      userCode: `${noiseGlsl}
void main() {
  ivec2 at = getOutputCoords();
  uint pair = uint(at.y) >> 1u;
  uint chain = uint(firstChain) + uint(at.x);
  vec2 here = normalPair(pair, chain, uint(stream), uvec2(seed), uvec2(time));
  vec2 below = normalPair(pair, chain + 1u, uint(stream), uvec2(seed), uvec2(time));
  if (at.x + 1 >= ${chains}) below = vec2(0.0);
  if (at.y + 1 >= ${units}) { here.y = 0.0; below.y = 0.0; }
  setOutput(vec4(here, below));
}`,
    };
    const words = argumentsOf(source, firstChain);
    return toTensor(tf, backend.compileAndRun(program, [], "float32", words));
  };
}

const WORKGROUP = 64;

/** Normals by WebGPU; an invocation makes those of two units. */
export function webgpuNormals(tf: TensorFlow): Normals {
  return (source, firstChain, chains, units) => {
    const backend = tf.backend() as unknown as WebgpuPrograms;
    const program = {
      variableNames: [],
      outputShape: [chains, units],
      dispatchLayout: { x: [0, 1] },
      dispatch: [Math.ceil((chains * Math.ceil(units / 2)) / WORKGROUP), 1, 1],
      workgroupSize: [WORKGROUP, 1, 1],
      shaderKey: "neural-langevin-normals",
      uniforms: "firstChain: i32, stream: i32, seed: vec2<i32>, time: vec2<i32>,",
      getUserCode: () => `${noiseWgsl}
fn main(index: i32) {
  let units = uniforms.outShape.y;
  let pairs = (units + 1) / 2;
  let chain = index / pairs;
  let pair = index % pairs;
  if (chain >= uniforms.outShape.x) { return; }
  let number = bitcast<u32>(uniforms.firstChain) + u32(chain);
  let seed = bitcast<vec2u>(uniforms.seed);
  let time = bitcast<vec2u>(uniforms.time);
  let made = normalPair(u32(pair), number, bitcast<u32>(uniforms.stream), seed, time);
  setOutputAtIndex(chain * units + 2 * pair, made.x);
  if (2 * pair + 1 < units) { setOutputAtIndex(chain * units + 2 * pair + 1, made.y); }
}`,
    };
    const words = argumentsOf(source, firstChain).map((data) => ({ type: "int32", data }) as const);
    return toTensor(tf, backend.runWebGPUProgram(program, [], "float32", words));
  };
}

/**
 * Normals by TensorFlow's Philox, from a seed of 64 bits that the shared noise has for this seed, stream, step and first
 * chain. They are another noise than the shared one.
 */
export function statelessNormals(tf: TensorFlow): Normals {
  return (source, firstChain, chains, units) => {
    const seed = noiseWords(source, firstChain, 0).slice(0, 2);
    const types = { dtype: "TF_FLOAT", T: "TF_INT32", Tseed: "TF_INT32" } as const;
    return runNative(tf, "StatelessRandomNormal", types, [
      tf.tensor1d([chains, units], "int32"),
      tf.tensor1d(
        Int32Array.from(seed, (word) => word | 0),
        "int32",
      ),
    ]);
  };
}

const toTensor = (tf: TensorFlow, made: TensorInfo): Tensor2D =>
  tf.engine().makeTensorFromTensorInfo(made) as Tensor2D;
