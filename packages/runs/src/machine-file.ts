// A trained machine, and a training to go on with, as safetensors: float32 tensors `couplings` [N][N] and
// `bias` [N]; a checkpoint adds `chains` [B][N] and `moments` [2(N² + N)].
import { LangevinError, type TrainingState } from "@neural-langevin/core";
import { momentsLength } from "@neural-langevin/core/backend";
import { encodeSafetensors, type OpenTensorFile, openSafetensors } from "./safetensors.js";

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

/** A machine from a file. */
export interface ReadMachine extends Machine {
  /** The largest change of a parameter that rounding to float32 made; absent where nothing was rounded. */
  readonly rounding?: number;
}

/**
 * Reads the parameters from a machine's file or a checkpoint. Half-precision floats (F16, BF16) become float32 exactly,
 * and F64 is rounded to it; other tensors in the file are not looked at.
 *
 * @throws bad-file, unsupported
 */
export function decodeMachine(bytes: Uint8Array, name: string): ReadMachine {
  const file = openSafetensors(bytes, name);
  const units = file.entries.get("couplings")?.shape[0] ?? 0;
  const couplings = floats(file, "couplings", [units, units], name);
  const bias = floats(file, "bias", [units], name);
  const rounding = Math.max(couplings.rounding, bias.rounding);
  return {
    units,
    couplings: couplings.values,
    bias: bias.values,
    ...(rounding > 0 && { rounding }),
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
  const file = openSafetensors(bytes, name);
  const update = Number(file.metadata.update);
  if (!Number.isSafeInteger(update) || update < 0) {
    throw new LangevinError(
      "bad-file",
      `${name} is not a checkpoint: its metadata has no update number.`,
    );
  }
  const exact = (key: string, shape: readonly number[]): Float32Array => {
    const { values, rounding } = floats(file, key, shape, name);
    if (rounding === 0) return values;
    throw new LangevinError(
      "bad-file",
      `${name}: tensor "${key}" changes when it is rounded to float32, and a training goes on exactly.`,
    );
  };
  const units = file.entries.get("couplings")?.shape[0] ?? 0;
  const chains = file.entries.get("chains")?.shape[0] ?? 0;
  return {
    update,
    couplings: exact("couplings", [units, units]),
    bias: exact("bias", [units]),
    chains: exact("chains", [chains, units]),
    moments: exact("moments", [momentsLength(units)]),
  };
}

const floatTypes = ["F32", "F16", "BF16", "F64"];

/** Float32 values of a tensor of a known shape, all finite, and the largest change that rounding made. */
function floats(
  file: OpenTensorFile,
  key: string,
  shape: readonly number[],
  name: string,
): { values: Float32Array; rounding: number } {
  const bad = (problem: string): never => {
    throw new LangevinError("bad-file", `${name}: tensor "${key}" ${problem}.`);
  };
  const entry = file.entries.get(key) ?? bad("is missing");
  if (`${entry.shape}` !== `${shape}` || shape.includes(0)) {
    bad(`has the shape [${entry.shape}], where [${shape}] is expected`);
  }
  if (!floatTypes.includes(entry.type)) {
    bad(`is ${entry.type}, not float32 or another type of floats (${floatTypes.join(", ")})`);
  }
  const given = file.read(key).values;
  const values = given instanceof Float32Array ? given : new Float32Array(given);
  let rounding = 0;
  for (let place = 0; place < values.length; place++) {
    if (!Number.isFinite(values[place])) {
      bad(
        Number.isFinite(given[place])
          ? `has ${given[place]} at place ${place}, too large for float32`
          : `is not finite at place ${place}`,
      );
    }
    rounding = Math.max(rounding, Math.abs(values[place]! - given[place]!));
  }
  return { values, rounding };
}
