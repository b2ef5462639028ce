// Operations that TensorFlow has in Node and TensorFlow.js has no name for.
import type * as TensorFlowCore from "@tensorflow/tfjs-core";
import type { Tensor2D, TensorInfo } from "@tensorflow/tfjs-core";

type TensorFlow = typeof TensorFlowCore;
type TypeName = "TF_FLOAT" | "TF_INT32";

// What is called of tfjs-node's backend, whose types come with a package that may be missing.
interface NodeOperations {
  readonly binding: Readonly<Record<TypeName | "TF_ATTR_TYPE", number>>;
  executeSingleOutput(
    name: string,
    attributes: readonly { readonly name: string; readonly type: number; readonly value: number }[],
    inputs: readonly TensorInfo[],
  ): Tensor2D;
}

/** Runs an operation of TensorFlow by its name, with the types of its numbers. */
export function runNative(
  tf: TensorFlow,
  name: string,
  types: Readonly<Record<string, TypeName>>,
  inputs: readonly TensorInfo[],
): Tensor2D {
  const backend = tf.backend() as unknown as NodeOperations;
  const { binding } = backend;
  const attributes = Object.entries(types).map(([attribute, type]) => ({
    name: attribute,
    type: binding.TF_ATTR_TYPE,
    value: binding[type],
  }));
  return backend.executeSingleOutput(name, attributes, inputs);
}

/** (1 − φ²) ∘ g in one pass over memory. */
export const tanhGradient = (tf: TensorFlow) => (phi: Tensor2D, gradient: Tensor2D) =>
  runNative(tf, "TanhGrad", { T: "TF_FLOAT" }, [phi, gradient]);
