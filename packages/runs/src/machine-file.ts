// Networks, trainings and machines as safetensors: float32 tensors `couplings` [N][N] and `bias` [N]; a checkpoint adds
// `chains` [B][N] and `moments` [2(N² + N)], and in its metadata what else a training depends on. Where parameters are
// averaged, `averaged_couplings` and `averaged_bias` are what the machine has come to. Tempering adds `hot_chains` [B(R
// − 1)][N] and the float64 tensor `ladder` [R], T of the rungs; data with missing values add `missing`, x of these in
// the order of the data. How it is sampled goes with it: `chain_mean` [N] and `chain_components` [K][N], and in the
// metadata dt, temperature and chain_spread. Where units carry labels, the metadata say which: pixels, label_units (the
// labels, with commas), label_copies and label_current; where labels have names, also label_names (a JSON array), and
// where they have several kinds, label_kinds, label_shares (of every kind of every label, with commas) and a float32
// tensor `label_means` [labels][kinds][pixels]. What its units mean: shape (sizes of a sample, with commas) and encoding
// (its name); the encoding's parameters are metadata `encoding_NAME` where they are one or two numbers, and else float64
// tensors of that name. Which data a machine learned is metadata: data_sha256, and how they were split, data_count,
// images, held_out, held_out_from, held_out_places, split_seed, and labels.
import {
  type Activation,
  activations,
  type Backend,
  createMachine,
  type GivenSampling,
  LangevinError,
  type Machine,
  type MachineOptions,
  type Network,
  type TrainingState,
} from "@neural-langevin/core";
import { momentsLength } from "@neural-langevin/core/backend";
import {
  type EncodingRecord,
  encodeSafetensors,
  kindsOfLabel,
  type LabelUnits,
  type OpenTensorFile,
  openSafetensors,
  type Tensor,
  unitsWithLabels,
} from "@neural-langevin/datasets";
import type { TrainingSettings } from "./settings.js";
import type { Split } from "./split.js";

/** A network in float32, as files hold it. */
export interface StoredNetwork extends Network {
  /** J, shape [N][N]. */
  readonly couplings: Float32Array;
  /** b, shape [N]. */
  readonly bias: Float32Array;
  /** The largest change of a parameter that rounding to float32 made; undefined where nothing was rounded. */
  readonly rounding?: number | undefined;
  /** How its training ran chains, and so how it is best sampled; undefined where the file does not say. */
  readonly sampling?: GivenSampling | undefined;
  /** Which units are pixels and which are labels; undefined where all are pixels. */
  readonly labelUnits?: LabelUnits | undefined;
  /** How data became states; undefined where the file does not say. */
  readonly encoding?: EncodingRecord | undefined;
  /** Sizes of a sample, [height, width] of an image; undefined where the file does not say. */
  readonly shape?: readonly number[] | undefined;
  /** Which data it learned; undefined where the file does not say. */
  readonly learnedData?: LearnedData | undefined;
}

/** The data that a machine learned, and how they were split, so that nothing of them is ever taken for unseen. */
export interface LearnedData {
  /** SHA-256 of the numbers of what was learned, in hexadecimal. */
  readonly sha256: string;
  /** Samples that the data have. */
  readonly count: number;
  /** The settings that divide them. */
  readonly division: {
    readonly labels?: readonly number[] | undefined;
    readonly images: number;
    readonly "held-out": number;
    readonly "held-out-from": Split["heldOutFrom"];
    readonly "split-seed": number;
  };
  /** Places of what was kept back, where not the seed alone chose them; see `mayKeep` of `DataOptions`. */
  readonly mayKeep?: readonly number[] | undefined;
}

/** Units of a machine that are pixels. */
export const pixelsOf = ({
  units,
  labelUnits,
}: Pick<StoredNetwork, "units" | "labelUnits">): number => labelUnits?.pixels ?? units;

/** A training between two updates, and what it needs of its session. */
export interface Checkpoint extends TrainingState {
  /** Of all noise; not known unless given. */
  readonly seed?: number | undefined;
  /** Data states per update. */
  readonly batch?: number | undefined;
  /** tanh unless given. */
  readonly activation?: Activation | undefined;
  /** How the training runs its chains. */
  readonly sampling?: GivenSampling | undefined;
  /** Which units are pixels and which are labels; undefined where all are pixels. */
  readonly labelUnits?: LabelUnits | undefined;
  /** How data became states; undefined where the file does not say. */
  readonly encoding?: EncodingRecord | undefined;
  /** Sizes of a sample, [height, width] of an image; undefined where the file does not say. */
  readonly shape?: readonly number[] | undefined;
}

/** The network that a checkpoint has come to: its averages of J and b where it has some. */
export function networkOfCheckpoint(checkpoint: Checkpoint): StoredNetwork {
  const { bias, averages, activation, sampling, labelUnits, encoding, shape } = checkpoint;
  const units = bias.length;
  const square = units * units;
  const parameters = averages
    ? { couplings: averages.subarray(0, square), bias: averages.subarray(square) }
    : { couplings: checkpoint.couplings, bias };
  return { units, ...parameters, activation, sampling, labelUnits, encoding, shape };
}

type Metadata = Readonly<Record<string, string>>;

/**
 * The bytes of a network's file, in float32; `metadata` is free text by name.
 *
 * @throws wrong-length, for arrays that do not fit the units
 */
export function encodeNetwork(
  network: Network & Pick<StoredNetwork, "sampling" | "labelUnits" | "encoding" | "shape">,
  metadata: Metadata = {},
): Uint8Array {
  const { units, couplings, bias, activation, sampling } = network;
  const how = samplingFields(units, sampling);
  const data = dataFields(network);
  const tensors = {
    couplings: { shape: [units, units], values: new Float32Array(couplings) },
    bias: { shape: [units], values: new Float32Array(bias) },
    ...how.tensors,
    ...data.tensors,
  };
  const text = textOf({ activation, ...how.values, ...data.values });
  return encodeSafetensors({ tensors, metadata: { ...metadata, ...text } });
}

/**
 * Reads the network of a file that `encodeNetwork`, `encodeCheckpoint` or `encodeMachine` wrote, or another program.
 * Half-precision floats (F16, BF16) become float32 exactly, and F64 is rounded to it; other tensors in the file are not
 * looked at.
 *
 * @param name the file's name, for errors
 * @throws bad-file, unsupported, not-found
 */
export const decodeNetwork = (bytes: Uint8Array, name: string): StoredNetwork =>
  networkOf(openSafetensors(bytes, name), name);

function networkOf(file: OpenTensorFile, name: string): StoredNetwork {
  const units = unitsOf(file);
  const prefix = file.entries.has("averaged_couplings") ? "averaged_" : "";
  const couplings = floats(file, `${prefix}couplings`, [units, units], name);
  const bias = floats(file, `${prefix}bias`, [units], name);
  const rounding = Math.max(couplings.rounding, bias.rounding);
  return {
    units,
    couplings: couplings.values,
    bias: bias.values,
    activation: activationOf(file.metadata, name),
    rounding: rounding > 0 ? rounding : undefined,
    sampling: samplingOf(file, units, name),
    learnedData: learnedOf(file.metadata, name),
    ...dataOf(file, units, name),
  };
}

/** Which data a training learns and how it divides them, for a file of the machine. */
export const learnedData = (
  sha256: string,
  { count, training, heldOut, heldOutFrom, seed }: Split,
  { labels, from }: Pick<TrainingSettings, "labels" | "from">,
): LearnedData => ({
  sha256,
  count,
  division: {
    labels,
    images: training.length,
    "held-out": heldOut.length,
    "held-out-from": heldOutFrom,
    "split-seed": seed,
  },
  mayKeep: from === undefined || heldOutFrom === "test" ? undefined : heldOut,
});

/** Which data a machine learned, as metadata of its file. */
export const learnedFields = ({ sha256, count, division, mayKeep }: LearnedData) => ({
  data_sha256: sha256,
  data_count: count,
  labels: division.labels?.join(","),
  images: division.images,
  held_out: division["held-out"],
  held_out_from: division["held-out-from"],
  held_out_places: mayKeep?.join(","),
  split_seed: division["split-seed"],
});

/** Which data the machine of a file learned; undefined where the file does not say. */
function learnedOf(metadata: Metadata, name: string): LearnedData | undefined {
  const { data_sha256: sha256, split_seed: seed, held_out_from: from } = metadata;
  if (sha256 === undefined || seed === undefined) return undefined;
  const number = (key: string) => wholeNumber(metadata, key, name) ?? 0;
  return {
    sha256,
    count: number("data_count"),
    division: {
      labels: numbersOf(metadata, "labels", name),
      images: number("images"),
      "held-out": number("held_out"),
      "held-out-from": from === "test" ? "test" : "training",
      "split-seed": number("split_seed"),
    },
    mayKeep: metadata.held_out_places ? numbersOf(metadata, "held_out_places", name) : undefined,
  };
}

const unitsOf = ({ entries }: OpenTensorFile): number => entries.get("couplings")?.shape[0] ?? 0;

/**
 * The bytes of a checkpoint: safetensors, with J and b [N][N] and [N], chains [B][N] and moments [2(N² + N)].
 *
 * @throws wrong-length, for arrays that do not fit the units
 */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const { update, couplings, bias, chains, moments, averages, hot, ladder, missing } = checkpoint;
  const { seed, batch, activation } = checkpoint;
  const units = bias.length;
  const how = samplingFields(units, checkpoint.sampling);
  const square = units * units;
  const tensors = {
    couplings: { shape: [units, units], values: couplings },
    bias: { shape: [units], values: bias },
    chains: { shape: [chains.length / units, units], values: chains },
    moments: { shape: [moments.length], values: moments },
    ...(averages && {
      averaged_couplings: { shape: [units, units], values: averages.subarray(0, square) },
      averaged_bias: { shape: [units], values: averages.subarray(square) },
    }),
    ...(hot && { hot_chains: { shape: [hot.length / units, units], values: hot } }),
    ...(ladder && { ladder: { shape: [ladder.length], values: ladder } }),
    ...(missing && { missing: { shape: [missing.length], values: missing } }),
    ...how.tensors,
  };
  const data = dataFields(checkpoint);
  const metadata = textOf({ update, seed, batch, activation, ...how.values, ...data.values });
  return encodeSafetensors({ tensors: { ...tensors, ...data.tensors }, metadata });
}

/**
 * Reads a checkpoint.
 *
 * @param name the file's name, for errors
 * @throws bad-file, unsupported, not-found
 */
export const decodeCheckpoint = (bytes: Uint8Array, name: string): Checkpoint =>
  checkpointOf(openSafetensors(bytes, name), name);

function checkpointOf(file: OpenTensorFile, name: string): Checkpoint {
  const { entries, metadata } = file;
  const update = wholeNumber(metadata, "update", name);
  if (update === undefined) {
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
      `${name}: tensor "${key}" would change when rounded to float32, but a training must continue exactly.`,
    );
  };
  const units = unitsOf(file);
  const chains = entries.get("chains")?.shape[0] ?? 0;
  let averages: Float32Array | undefined;
  if (entries.has("averaged_couplings")) {
    averages = new Float32Array(units * units + units);
    averages.set(exact("averaged_couplings", [units, units]));
    averages.set(exact("averaged_bias", [units]), units * units);
  }
  const optional = (key: string): Float32Array | undefined => {
    const entry = entries.get(key);
    return entry && exact(key, entry.shape);
  };
  return {
    update,
    couplings: exact("couplings", [units, units]),
    bias: exact("bias", [units]),
    chains: exact("chains", [chains, units]),
    moments: exact("moments", [momentsLength(units)]),
    averages,
    hot: optional("hot_chains"),
    ladder: ladderOf(file),
    missing: optional("missing"),
    seed: wholeNumber(metadata, "seed", name),
    batch: wholeNumber(metadata, "batch", name),
    activation: activationOf(metadata, name),
    sampling: samplingOf(file, units, name),
    ...dataOf(file, units, name),
  };
}

/** T of the rungs of a tempered training; undefined where the file has none. */
const ladderOf = ({ entries, read }: OpenTensorFile): Float64Array | undefined =>
  entries.has("ladder") ? Float64Array.from(read("ladder").values) : undefined;

/** How a machine is sampled, as tensors and metadata. */
function samplingFields(units: number, sampling: GivenSampling = {}) {
  const { dt, temperature, chainStart } = sampling;
  const mean = chainStart?.mean && new Float32Array(chainStart.mean);
  const components = chainStart?.components && new Float32Array(chainStart.components);
  return {
    tensors: {
      ...(mean && { chain_mean: { shape: [mean.length], values: mean } }),
      ...(components?.length && {
        chain_components: { shape: [components.length / units, units], values: components },
      }),
    },
    values: { dt, temperature, chain_spread: chainStart && (chainStart.spread ?? 1) },
  };
}

/** How the machine of a file is sampled; undefined where the file does not say. */
function samplingOf(file: OpenTensorFile, units: number, name: string): GivenSampling | undefined {
  const dt = nonNegative(file.metadata, "dt", name);
  const temperature = nonNegative(file.metadata, "temperature", name);
  const spread = nonNegative(file.metadata, "chain_spread", name);
  const mean = file.entries.has("chain_mean")
    ? floats(file, "chain_mean", [units], name).values
    : undefined;
  const rows = file.entries.get("chain_components")?.shape[0];
  const components =
    rows === undefined ? undefined : floats(file, "chain_components", [rows, units], name).values;
  const isGiven = [mean, components, spread].some((part) => part !== undefined);
  const chainStart = isGiven ? { mean, components, spread } : undefined;
  if (dt === undefined && temperature === undefined && !chainStart) return undefined;
  return { dt, temperature, chainStart };
}

/** What the units of a machine mean. */
type UnitMeaning = Pick<StoredNetwork, "labelUnits" | "encoding" | "shape">;

/** What units mean, as tensors and metadata. */
function dataFields({ labelUnits, encoding, shape }: UnitMeaning) {
  const { means } = labelUnits?.kinds ?? {};
  const tensors: Record<string, Tensor> = means
    ? { label_means: { shape: shapeOfMeans(labelUnits!), values: means } }
    : {};
  const values: Record<string, string | number | undefined> = {
    ...labelFields(labelUnits),
    shape: shape?.join(","),
    encoding: encoding?.name,
  };
  for (const [parameter, numbers] of Object.entries(encoding?.parameters ?? {})) {
    const key = `encoding_${parameter}`;
    if (numbers.length <= 2) values[key] = numbers.join(",");
    else tensors[key] = { shape: [numbers.length], values: Float64Array.from(numbers) };
  }
  return { tensors, values };
}

/** What the units of a file's machine mean. */
function dataOf(file: OpenTensorFile, units: number, name: string): UnitMeaning {
  const labelUnits = labelUnitsOf(file, units, name);
  const shape = numbersOf(file.metadata, "shape", name);
  const size = shape?.reduce((product, one) => product * one, 1);
  if (size !== undefined && size !== (labelUnits?.pixels ?? units)) {
    throw new LangevinError(
      "bad-file",
      `${name}: samples of the shape (${shape!.join(", ")}) do not fit ${units} units.`,
    );
  }
  return { labelUnits, shape, encoding: encodingRecordOf(file, name) };
}

function encodingRecordOf(
  { metadata, entries, read }: OpenTensorFile,
  name: string,
): EncodingRecord | undefined {
  const { encoding } = metadata;
  if (encoding === undefined) return undefined;
  const prefix = "encoding_";
  const parameters: Record<string, readonly number[]> = {};
  for (const key of Object.keys(metadata).filter((key) => key.startsWith(prefix))) {
    parameters[key.slice(prefix.length)] = numbersOf(metadata, key, name)!;
  }
  for (const key of [...entries.keys()].filter((key) => key.startsWith(prefix))) {
    parameters[key.slice(prefix.length)] = Array.from(read(key).values);
  }
  return { name: encoding, parameters };
}

/** Numbers of the metadata with commas between them; undefined where there are none. */
function numbersOf(metadata: Metadata, key: string, name: string): number[] | undefined {
  const numbers = metadata[key]
    ?.split(",")
    .map((part) => (part.trim() ? Number(part) : Number.NaN));
  if (numbers?.every(Number.isFinite) ?? true) return numbers;
  throw new LangevinError("bad-file", `${name}: its ${key} is "${metadata[key]}", not numbers.`);
}

/** Which units are labels, as metadata. */
const labelFields = (layout: LabelUnits | undefined) => ({
  pixels: layout?.pixels,
  label_units: layout?.labels.join(","),
  label_copies: layout?.copies,
  label_current: layout?.current,
  label_names: layout?.names && JSON.stringify(layout.names),
  label_kinds: layout?.kinds?.count,
  label_shares: layout?.kinds?.shares.join(","),
});

/** The shape of the means of kinds. */
const shapeOfMeans = (layout: LabelUnits): number[] => [
  layout.labels.length,
  kindsOfLabel(layout),
  layout.pixels,
];

/** Which units of a file's machine are labels; undefined where all are pixels. */
function labelUnitsOf(file: OpenTensorFile, units: number, name: string): LabelUnits | undefined {
  const { metadata } = file;
  if (metadata.label_units === undefined) return undefined;
  const labels = metadata.label_units.split(",").map(Number);
  const pixels = wholeNumber(metadata, "pixels", name) ?? 0;
  const layout: LabelUnits = {
    pixels,
    labels,
    copies: wholeNumber(metadata, "label_copies", name) ?? 0,
    current: nonNegative(metadata, "label_current", name) ?? 0,
    ...labelNamesOf(metadata, labels.length, name),
    ...labelKindsOf(file, [labels.length, pixels], name),
  };
  const sound =
    labels.every((label) => Number.isInteger(label) && label >= 0 && label <= 255) &&
    new Set(labels).size === labels.length &&
    layout.pixels > 0 &&
    layout.copies > 0 &&
    layout.current > 0 &&
    unitsWithLabels(layout) === units;
  if (sound) return layout;
  throw new LangevinError(
    "bad-file",
    `${name}: its ${units} units are not pixels (${metadata.pixels}) and ${metadata.label_copies} copies of units ` +
      `with a current of ±${metadata.label_current} for ${layout.kinds ? `${layout.kinds.count} kinds of ` : ""}the labels ` +
      `"${metadata.label_units}".`,
  );
}

/** What the labels of a file's machine are called; nothing where they have numbers alone. */
function labelNamesOf(
  { label_names: text }: Metadata,
  labels: number,
  name: string,
): Pick<LabelUnits, "names"> {
  if (text === undefined) return {};
  const names = listOfTexts(text);
  if (names?.length === labels && new Set(names).size === labels) return { names };
  throw new LangevinError(
    "bad-file",
    `${name}: its label_names are ${text}, not ${labels} different names in a JSON array.`,
  );
}

/** The texts of a JSON array; undefined where it is none. */
function listOfTexts(text: string): readonly string[] | undefined {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every((one) => typeof one === "string") ? list : undefined;
  } catch {
    return undefined;
  }
}

/** The kinds that the labels of a file's machine have; nothing where they have one. */
function labelKindsOf(
  file: OpenTensorFile,
  [labels, pixels]: readonly [labels: number, pixels: number],
  name: string,
): Pick<LabelUnits, "kinds"> {
  const { metadata } = file;
  const count = wholeNumber(metadata, "label_kinds", name) ?? 1;
  if (count === 1) return {};
  const bad = (problem: string): never => {
    throw new LangevinError("bad-file", `${name}: its label_${problem}.`);
  };
  if (count === 0) bad("kinds are 0, and every label has at least one");
  const shares = numbersOf(metadata, "label_shares", name) ?? [];
  if (shares.length !== labels * count) {
    bad(
      `shares are ${shares.length} numbers, not one for each of ${count} kinds of ${labels} labels`,
    );
  }
  for (let first = 0; first < shares.length; first += count) {
    const own = shares.slice(first, first + count);
    const sum = own.reduce((total, share) => total + share, 0);
    if (own.every((share) => share >= 0) && Math.abs(sum - 1) < 1e-6) continue;
    bad(`shares of one label are ${own.join(", ")}, which do not add up to 1`);
  }
  const means = floats(file, "label_means", [labels, count, pixels], name).values;
  return { kinds: { count, shares, means } };
}

/**
 * The bytes of a machine with its training, which is a checkpoint.
 *
 * @throws what reading the session throws
 */
export async function encodeMachine(machine: Machine): Promise<Uint8Array> {
  const { seed, batch, activation } = machine.session.spec;
  const { sampling, labelUnits } = machine;
  const state = await machine.state();
  return encodeCheckpoint({ ...state, seed, batch, activation, sampling, labelUnits });
}

/** What a machine's file may lack; values given here replace those of the file. */
export type LoadMachineOptions = Pick<MachineOptions, "chains" | "batch" | "seed">;

/**
 * Puts the machine of a file on a backend. One that `encodeMachine` wrote, or a run's checkpoint, goes on with its
 * training bit for bit; one that is only a network begins to train from it.
 *
 * @param name the file's name, for errors
 * @throws bad-file, unsupported; invalid-value, for another number of chains than those of a training; wrong-length,
 *   not-finite, not-found; what opening the session throws
 */
export async function decodeMachine(
  backend: Backend,
  bytes: Uint8Array,
  name: string,
  options: LoadMachineOptions = {},
): Promise<Machine> {
  const { chains } = options;
  const file = openSafetensors(bytes, name);
  if (!file.entries.has("chains")) {
    const network = networkOf(file, name);
    const { sampling, labelUnits } = network;
    return createMachine(backend, { ...options, network, sampling, labelUnits });
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
    sampling: checkpoint.sampling,
    labelUnits: checkpoint.labelUnits,
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

/** A number of at least 0 of the metadata; undefined where there is none. */
function nonNegative(metadata: Metadata, key: string, name: string): number | undefined {
  const text = metadata[key];
  if (text === undefined) return undefined;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new LangevinError("bad-file", `${name}: its ${key} is "${text}", not zero or positive.`);
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
