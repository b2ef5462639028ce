// A trained machine, and a training to go on with, as safetensors: float32 tensors `couplings` [N][N] and
// `bias` [N]; a checkpoint adds `chains` [B][N] and `moments` [2(N² + N)].
import { LangevinError, type TrainingState } from "@neural-langevin/core";
import { momentsLength } from "@neural-langevin/core/backend";
import { decodeSafetensors, encodeSafetensors, type Tensor } from "./safetensors.js";

/** A machine's parameters. */
export interface Machine {
  readonly units: number;
  /** J, shape [N][N]. */
  readonly couplings: Float32Array;
  /** b, shape [N]. */
  readonly bias: Float32Array;
}

/** The bytes of a machine's file; `metadata` is free text by name. */
export function encodeMachine(
  { units, couplings, bias }: Machine,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const tensors = {
    couplings: { shape: [units, units], values: couplings },
    bias: { shape: [units], values: bias },
  };
  return encodeSafetensors({ tensors, metadata });
}

/**
 * Reads the parameters from a machine's file or a checkpoint.
 *
 * @throws bad-file, unsupported
 */
export function decodeMachine(bytes: Uint8Array, name: string): Machine {
  const { tensors } = decodeSafetensors(bytes, name);
  const units = tensors.couplings?.shape[0] ?? 0;
  return {
    units,
    couplings: floats(tensors, "couplings", [units, units], name),
    bias: floats(tensors, "bias", [units], name),
  };
}

/** The bytes of a checkpoint. */
export function encodeCheckpoint(state: TrainingState): Uint8Array {
  const units = state.bias.length;
  const tensors = {
    couplings: { shape: [units, units], values: state.couplings },
    bias: { shape: [units], values: state.bias },
    chains: { shape: [state.chains.length / units, units], values: state.chains },
    moments: { shape: [state.moments.length], values: state.moments },
  };
  return encodeSafetensors({ tensors, metadata: { update: String(state.update) } });
}

/**
 * Reads a checkpoint.
 *
 * @throws bad-file, unsupported
 */
export function decodeCheckpoint(bytes: Uint8Array, name: string): TrainingState {
  const { tensors, metadata } = decodeSafetensors(bytes, name);
  const { units, couplings, bias } = decodeMachine(bytes, name);
  const update = Number(metadata.update);
  if (!Number.isSafeInteger(update) || update < 0) {
    throw new LangevinError(
      "bad-file",
      `${name} is not a checkpoint: its metadata has no update number.`,
    );
  }
  const chains = tensors.chains?.shape[0] ?? 0;
  return {
    update,
    couplings,
    bias,
    chains: floats(tensors, "chains", [chains, units], name),
    moments: floats(tensors, "moments", [momentsLength(units)], name),
  };
}

/** A float32 tensor of a known shape with finite values. */
function floats(
  tensors: Readonly<Record<string, Tensor>>,
  key: string,
  shape: readonly number[],
  name: string,
): Float32Array {
  const bad = (problem: string): never => {
    throw new LangevinError("bad-file", `${name}: tensor "${key}" ${problem}.`);
  };
  const tensor = Object.hasOwn(tensors, key) ? tensors[key]! : bad("is missing");
  if (`${tensor.shape}` !== `${shape}` || shape.includes(0)) {
    bad(`has the shape [${tensor.shape}], where [${shape}] is expected`);
  }
  const { values } = tensor;
  if (!(values instanceof Float32Array)) return bad("is not float32");
  const place = values.findIndex((value) => !Number.isFinite(value));
  if (place >= 0) bad(`is not finite at place ${place}`);
  return values;
}
