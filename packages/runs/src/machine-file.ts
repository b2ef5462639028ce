// Networks, trainings and machines as safetensors: float32 tensors `couplings` [N][N] and `bias` [N]; a checkpoint adds
// `chains` [B][N] and `moments` [2(N² + N)], and in its metadata what else a training depends on.
import {
  type Activation,
  activations,
  type Backend,
  createMachine,
  LangevinError,
  type Machine,
  type MachineOptions,
  type Network,
  type TrainingState,
} from "@neural-langevin/core";
import { momentsLength } from "@neural-langevin/core/backend";
import {
  decodeSafetensors,
  encodeSafetensors,
  type Tensor,
  type TensorFile,
} from "./safetensors.js";

/** A network in float32, as files hold it. */
export interface StoredNetwork extends Network {
  readonly couplings: Float32Array;
  readonly bias: Float32Array;
}

/** A training between two updates, and what it needs of its session. */
export interface Checkpoint extends TrainingState {
  readonly seed?: number | undefined;
  /** Data states per update. */
  readonly batch?: number | undefined;
  /** tanh unless given. */
  readonly activation?: Activation | undefined;
}

type Metadata = Readonly<Record<string, string>>;

/** The bytes of a network's file, in float32; `metadata` is free text by name. */
export function encodeNetwork(network: Network, metadata: Metadata = {}): Uint8Array {
  const { units, couplings, bias, activation } = network;
  const tensors = {
    couplings: { shape: [units, units], values: new Float32Array(couplings) },
    bias: { shape: [units], values: new Float32Array(bias) },
  };
  return encodeSafetensors({ tensors, metadata: { ...metadata, ...textOf({ activation }) } });
}

/**
 * Reads the network of a file that `encodeNetwork`, `encodeCheckpoint` or `encodeMachine` wrote.
 *
 * @param name the file's name, for errors
 * @throws bad-file, unsupported
 */
export const decodeNetwork = (bytes: Uint8Array, name: string): StoredNetwork =>
  networkOf(decodeSafetensors(bytes, name), name);

function networkOf({ tensors, metadata }: TensorFile, name: string): StoredNetwork {
  const units = tensors.couplings?.shape[0] ?? 0;
  return {
    units,
    couplings: floats(tensors, "couplings", [units, units], name),
    bias: floats(tensors, "bias", [units], name),
    activation: activationOf(metadata, name),
  };
}

/** The bytes of a checkpoint. */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const { update, couplings, bias, chains, moments, seed, batch, activation } = checkpoint;
  const units = bias.length;
  const tensors = {
    couplings: { shape: [units, units], values: couplings },
    bias: { shape: [units], values: bias },
    chains: { shape: [chains.length / units, units], values: chains },
    moments: { shape: [moments.length], values: moments },
  };
  return encodeSafetensors({ tensors, metadata: textOf({ update, seed, batch, activation }) });
}

/**
 * Reads a checkpoint.
 *
 * @param name the file's name, for errors
 * @throws bad-file, unsupported
 */
export const decodeCheckpoint = (bytes: Uint8Array, name: string): Checkpoint =>
  checkpointOf(decodeSafetensors(bytes, name), name);

function checkpointOf(file: TensorFile, name: string): Checkpoint {
  const { tensors, metadata } = file;
  const { units, couplings, bias, activation } = networkOf(file, name);
  const update = wholeNumber(metadata, "update", name);
  if (update === undefined) {
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
    seed: wholeNumber(metadata, "seed", name),
    batch: wholeNumber(metadata, "batch", name),
    activation,
  };
}

/** The bytes of a machine with its training, which is a checkpoint. */
export async function encodeMachine(machine: Machine): Promise<Uint8Array> {
  const { seed, batch, activation } = machine.session.spec;
  return encodeCheckpoint({ ...(await machine.state()), seed, batch, activation });
}

/** What a machine's file may lack; values given here replace those of the file. */
export type LoadOptions = Pick<MachineOptions, "chains" | "batch" | "seed">;

/**
 * Puts the machine of a file on a backend. One that `encodeMachine` wrote, or a run's checkpoint, goes on with its
 * training bit for bit; one that is only a network begins to train from it.
 *
 * @param name the file's name, for errors
 * @throws bad-file, unsupported; invalid-value, for another number of chains than those of a training
 */
export async function decodeMachine(
  backend: Backend,
  bytes: Uint8Array,
  name: string,
  options: LoadOptions = {},
): Promise<Machine> {
  const { chains } = options;
  const file = decodeSafetensors(bytes, name);
  if (!Object.hasOwn(file.tensors, "chains")) {
    return createMachine(backend, { ...options, network: networkOf(file, name) });
  }
  const checkpoint = checkpointOf(file, name);
  const there = checkpoint.chains.length / checkpoint.bias.length;
  if (chains !== undefined && chains !== there) {
    throw new LangevinError(
      "invalid-value",
      `The training of ${name} has ${there} chains, not ${chains}.`,
      "Leave chains out.",
    );
  }
  return createMachine(backend, {
    state: checkpoint,
    seed: options.seed ?? checkpoint.seed,
    batch: options.batch ?? checkpoint.batch,
    activation: checkpoint.activation,
  });
}

/** Values as text, without those that are not given. */
function textOf(values: Readonly<Record<string, string | number | undefined>>): Metadata {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}

function activationOf({ activation }: Metadata, name: string): Activation | undefined {
  if (activation === undefined) return undefined;
  const known = activations.find((one) => one === activation);
  if (known !== undefined) return known;
  throw new LangevinError(
    "bad-file",
    `${name}: its activation is "${activation}", and only ${activations.join(", ")} are known.`,
  );
}

/** A whole number of the metadata; undefined where there is none. */
function wholeNumber(metadata: Metadata, key: string, name: string): number | undefined {
  const text = metadata[key];
  if (text === undefined) return undefined;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new LangevinError("bad-file", `${name}: its ${key} is "${text}", not a whole number.`);
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
