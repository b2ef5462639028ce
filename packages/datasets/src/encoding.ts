// Between the numbers of data and the states of a network. The published encoding of a grey pixel p in [0, 1] is
// x = atanh(2p − 1), clipped to ±0.97 (arXiv 2506.23546); others are named here, and a program may bring its own.
import { LangevinError, type Values } from "@neural-langevin/core";
import { requireFinite, requireLength } from "@neural-langevin/core/backend";
import { atanhInFloat32 } from "./atanh.js";
import { type DataSet, sizeOf, valuesOf } from "./data-set.js";
import { otherEncodings, type Pixels } from "./grey.js";
import type { Work } from "./work.js";

/** What a file says of an encoding: its name, and the numbers that decide it. */
export interface EncodingRecord {
  /** One of `encodingNames`, or that of an encoding of your own. */
  readonly name: string;
  /** Lists of numbers by name: one for all numbers of a sample, or one for each. */
  readonly parameters: Readonly<Record<string, readonly number[]>>;
}

/** A way from the numbers of samples to states x, and back. Its record is kept with run and machine. */
export interface Encoding extends EncodingRecord {
  /** The numbers that a picture shows as black and as white. */
  readonly range: readonly [black: number, white: number];
  /** Whether every number of a sample is encoded in the same way, whatever its place; then levels need a table alone. */
  readonly pointwise?: boolean | undefined;
  /** N, how many numbers a sample must have, where it was fitted to each of them; any unless given. */
  readonly size?: number | undefined;
  /** States x of the numbers of whole samples, both of shape [count][N]. */
  encode(values: Values): Float32Array;
  /** Numbers of the states x of whole samples, both of shape [count][N]. */
  decode(states: Values): Values;
}

/** A named encoding, before it has seen the data that it is for. */
export interface EncodingKind {
  /** What settings and files call it. */
  readonly name: string;
  /** `grey`: the numbers of data lie from 0 to 1; `real`: they may be any. */
  readonly takes: "grey" | "real";
  /** The encoding of some data, which may decide its parameters. */
  fit(set: DataSet): Encoding;
  /**
   * The encoding of a record.
   *
   * @throws bad-file, for a record without a parameter that it needs
   */
  of(parameters: EncodingRecord["parameters"]): Encoding;
}

/** Firing rates of images are clipped to ± this, because atanh 1 is infinite. */
export const LARGEST_RATE = 0.97;

/** x = atanh(clip(2p − 1, ±rate)). */
function atanhEncoding(rate: number): Encoding {
  return {
    name: "atanh",
    parameters: { clip: [rate] },
    range: [0, 1],
    pointwise: true,
    // Plain loops: callbacks for every pixel would take twenty times as long.
    encode(values) {
      const states = new Float32Array(values.length);
      for (let at = 0; at < states.length; at++) {
        states[at] = atanhInFloat32(Math.min(Math.max(2 * values[at]! - 1, -rate), rate));
      }
      return states;
    },
    decode(states) {
      const values = new Float64Array(states.length);
      for (let at = 0; at < values.length; at++) values[at] = (Math.tanh(states[at]!) + 1) / 2;
      return values;
    },
  };
}

/** The published encoding. */
const published = atanhEncoding(LARGEST_RATE);

/** x = (v − mean)/deviation, with one mean and deviation for all numbers of a sample or one for each. */
function affineEncoding(
  record: EncodingRecord,
  range: Encoding["range"],
  means: readonly number[],
  deviations: readonly number[],
): Encoding {
  const [mean, deviation] = [Float64Array.from(means), Float64Array.from(deviations)];
  const size = mean.length;
  const requireSamples = (name: string, values: Values) => {
    if (values.length % size !== 0) requireLength(name, values, size);
  };
  return {
    ...record,
    range,
    pointwise: size === 1,
    size: size === 1 ? undefined : size,
    encode(values) {
      requireSamples("values", values);
      const states = new Float32Array(values.length);
      for (let start = 0; start < states.length; start += size) {
        for (let at = 0; at < size; at++) {
          states[start + at] = (values[start + at]! - mean[at]!) / deviation[at]!;
        }
      }
      return states;
    },
    decode(states) {
      requireSamples("states", states);
      const values = new Float64Array(states.length);
      for (let start = 0; start < values.length; start += size) {
        for (let at = 0; at < size; at++) {
          values[start + at] = states[start + at]! * deviation[at]! + mean[at]!;
        }
      }
      return values;
    },
  };
}

const scaleEncoding = (scale: number): Encoding =>
  affineEncoding({ name: "scale", parameters: { scale: [scale] } }, [0, 1], [0.5], [0.5 / scale]);

const zScoreEncoding = (parameters: EncodingRecord["parameters"]): Encoding =>
  affineEncoding(
    { name: "z-score", parameters },
    rangeOf(parameters),
    parameters.mean!,
    parameters.deviation!,
  );

const identityEncoding = (parameters: EncodingRecord["parameters"]): Encoding =>
  affineEncoding({ name: "identity", parameters }, rangeOf(parameters), [0], [1]);

const rangeOf = ({ range }: EncodingRecord["parameters"]): Encoding["range"] => [
  range![0]!,
  range![1]!,
];

/**
 * Mean and standard deviation of every number of a sample, over those that are not missing, and the least and the largest
 * number of all; a number that is always the same keeps its distance to it.
 */
function standardisation(values: Values, size: number) {
  const missing = new Float64Array(size);
  const mean = new Float64Array(size);
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let start = 0; start < values.length; start += size) {
    for (let at = 0; at < size; at++) {
      const value = values[start + at]!;
      if (Number.isNaN(value)) {
        missing[at]!++;
        continue;
      }
      mean[at]! += value;
      if (value < least) least = value;
      if (value > most) most = value;
    }
  }
  const count = missing.map((gaps) => Math.max(1, values.length / size - gaps));
  for (let at = 0; at < size; at++) mean[at]! /= count[at]!;
  const deviation = new Float64Array(size);
  for (let start = 0; start < values.length; start += size) {
    for (let at = 0; at < size; at++) {
      const value = values[start + at]!;
      if (!Number.isNaN(value)) deviation[at]! += (value - mean[at]!) ** 2;
    }
  }
  for (let at = 0; at < size; at++) {
    const sigma = Math.sqrt(deviation[at]! / count[at]!);
    // What rounding leaves of a constant is no deviation.
    deviation[at] = sigma > 1e-7 * Math.abs(mean[at]!) ? sigma : 1;
  }
  return { mean: [...mean], deviation: [...deviation], range: [least, most] };
}

/** The least and the largest of some numbers. */
function limits(values: Values): [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

/**
 * All named encodings:
 *
 * - `atanh`: x = atanh(clip(2p − 1, ±0.97)), so that φ(x) is the pixel; the published one
 * - `scale`: x = a·(2p − 1), with a = 1 as in the released script of arXiv 2506.23546
 * - `z-score`: x = (v − mean)/deviation of every number of a sample by itself, over the training data
 * - `identity`: x = v
 */
export const encodings = {
  atanh: {
    name: "atanh",
    takes: "grey",
    fit: () => published,
    of: (parameters) => {
      requireParameters("atanh", parameters, { clip: 1 });
      return atanhEncoding(parameters.clip![0]!);
    },
  },
  scale: {
    name: "scale",
    takes: "grey",
    fit: () => scaleEncoding(1),
    of: (parameters) => {
      requireParameters("scale", parameters, { scale: 1 });
      return scaleEncoding(parameters.scale![0]!);
    },
  },
  "z-score": {
    name: "z-score",
    takes: "real",
    fit: (set) => zScoreEncoding(standardisation(numbersOf(set), sizeOf(set))),
    of: (parameters) => {
      const size = parameters.mean?.length ?? 1;
      requireParameters("z-score", parameters, { mean: size, deviation: size, range: 2 });
      return zScoreEncoding(parameters);
    },
  },
  identity: {
    name: "identity",
    takes: "real",
    fit: (set) => identityEncoding({ range: limits(numbersOf(set)) }),
    of: (parameters) => {
      requireParameters("identity", parameters, { range: 2 });
      return identityEncoding(parameters);
    },
  },
} satisfies Record<string, EncodingKind>;

/** The name of an encoding that is known here. */
export type EncodingName = keyof typeof encodings;

/** What a file keeps of an encoding. */
export const recordOf = ({ name, parameters }: EncodingRecord): EncodingRecord => ({
  name,
  parameters,
});

/** The names of all encodings that are known here. */
export const encodingNames = Object.keys(encodings) as EncodingName[];

function requireParameters(
  name: string,
  parameters: EncodingRecord["parameters"],
  lengths: Readonly<Record<string, number>>,
): void {
  for (const [parameter, length] of Object.entries(lengths)) {
    const found = parameters[parameter];
    if (found?.length === length && found.every(Number.isFinite)) continue;
    throw new LangevinError(
      "bad-file",
      `The encoding ${name} needs ${length === 1 ? "one number" : `${length} numbers`} as its ${parameter}, not ${JSON.stringify(found)}.`,
      "Bring back the file as it was written, or fit the encoding anew.",
    );
  }
}

/**
 * The encoding of a record, among those that are known here and those that a program brings; the published one where
 * there is no record.
 *
 * @returns undefined for a name that is not known
 * @throws bad-file, for a record without a parameter that it needs
 */
export function findEncoding(
  record: EncodingRecord | undefined,
  own: readonly EncodingKind[] = [],
): Encoding | undefined {
  if (!record) return published;
  const known: readonly EncodingKind[] = [...own, ...Object.values(encodings)];
  return known.find(({ name }) => name === record.name)?.of(record.parameters);
}

/**
 * The same, for those who cannot do without it.
 *
 * @throws unsupported, for a name that is not known; bad-file
 */
export function encodingOf(
  record: EncodingRecord | undefined,
  own: readonly EncodingKind[] = [],
): Encoding {
  const encoding = findEncoding(record, own);
  if (encoding) return encoding;
  throw new LangevinError(
    "unsupported",
    `The encoding "${record!.name}" is not known here.`,
    `Known are ${[...own.map(({ name }) => name), ...encodingNames].join(", ")}; a program can bring its own.`,
  );
}

/** Levels 0 to 255 as grey values from 0 to 1. */
const greyOfLevels = Float64Array.from({ length: 256 }, (_, level) => level / 255);

function greyOf(levels: Uint8Array): Float32Array {
  const grey = new Float32Array(levels.length);
  for (let at = 0; at < grey.length; at++) grey[at] = greyOfLevels[levels[at]!]!;
  return grey;
}

/**
 * Numbers that are encoded at once: they and their states fit into the caches of a processor, and a loop over so many is
 * compiled well, which one loop over all is not.
 */
const PIECE = 2 ** 18;

/** Data that are encoded: all of them, or numbers in which an encoding sees one sample. */
type Encoded = DataSet | Pick<{ pixels: Pixels }, "pixels">;

/** Encodes some samples after others, and says before each how many numbers are done. */
function* encodePieces(set: Encoded, encoding: Encoding): Generator<number, Float32Array, void> {
  const values = "pixels" in set ? set.pixels : set.values;
  const size = "count" in set ? sizeOf(set) : values.length;
  const most = encoding.pointwise ? PIECE : size * Math.max(1, Math.floor(PIECE / size));
  const states = new Float32Array(values.length);
  const hasTable = encoding.pointwise && values instanceof Uint8Array;
  const ofLevels = hasTable ? encoding.encode(greyOfLevels) : undefined;
  for (let start = 0; start < values.length; start += most) {
    yield start;
    const piece = values.subarray(start, start + most);
    if (!(piece instanceof Uint8Array)) states.set(encoding.encode(piece), start);
    else if (!ofLevels) states.set(encoding.encode(greyOf(piece)), start);
    else for (let at = 0; at < piece.length; at++) states[start + at] = ofLevels[piece[at]!]!;
  }
  requireFinite("states", states);
  return states;
}

/**
 * States x of data: of the pixels of images from 0 to 1, or of the values of vectors.
 *
 * @param encoding the published one unless given
 * @returns shape [count][units]
 * @throws what the encoding throws; not-finite, with the place
 */
export function encodeImages(set: Encoded, encoding: Encoding = published): Float32Array {
  const pieces = encodePieces(set, encoding);
  let next = pieces.next();
  while (!next.done) next = pieces.next();
  return next.value;
}

/**
 * The same for large data: others run in between, and the work can be stopped.
 *
 * @param work hears how many of the set's samples are done
 * @throws aborted, and what `encodeImages` throws (not-finite)
 */
export async function encodeSamples(
  set: DataSet,
  encoding: Encoding,
  work: Work,
): Promise<Float32Array> {
  const size = sizeOf(set);
  if (encoding.size !== undefined && encoding.size !== size) {
    throw new LangevinError(
      "invalid-value",
      `${set.source} has samples of ${size} numbers, but the encoding ${encoding.name} was fitted to samples of ${encoding.size}.`,
      "Name data like those that the machine learned.",
    );
  }
  const pieces = encodePieces(set, encoding);
  let next = pieces.next();
  for (; !next.done; next = pieces.next()) await work.advance(Math.floor(next.value / size));
  return next.value;
}

/**
 * The encoding that a kind takes for some data.
 *
 * @throws invalid-value, for numbers that it does not take, with the first of them and its place
 */
export function fitEncoding(kind: EncodingKind, set: DataSet): Encoding {
  const values = valuesOf(set);
  if (kind.takes === "grey" && !(values instanceof Uint8Array)) {
    let at = 0;
    while (at < values.length && !(values[at]! < 0 || values[at]! > 1)) at++;
    if (at < values.length) {
      const size = sizeOf(set);
      throw new LangevinError(
        "invalid-value",
        `The encoding ${kind.name} takes numbers from 0 to 1, and ${set.source} has ${values[at]} in sample ` +
          `${Math.floor(at / size)} at place ${at % size}.`,
        `Scale them, or take ${otherEncodings}.`,
      );
    }
  }
  return kind.fit(set);
}

/** The numbers that are encoded: pixels from 0 to 1, or the values of vectors; shape [count][size]. */
export function numbersOf(set: DataSet): Float32Array {
  const values = valuesOf(set);
  return values instanceof Uint8Array ? greyOf(values) : values;
}

/**
 * Grey levels of states x, from 0 (black) to 255 (white): where the encoding is the published one, those of
 * (tanh x + 1)/2. Numbers beyond the range of the encoding are black or white.
 *
 * @param states of any shape, which the levels have too
 */
export function decodeStates(states: Float32Array, encoding: Encoding = published): Uint8Array {
  const [black, white] = encoding.range;
  const values = encoding.decode(states);
  const levels = new Uint8ClampedArray(states.length);
  for (let at = 0; at < levels.length; at++) {
    levels[at] = Math.round((255 * (values[at]! - black)) / (white - black));
  }
  return new Uint8Array(levels.buffer);
}

/** The level of a firing rate from −1 (black, 0) to 1 (white, 255). */
const levelOf = (rate: number): number => Math.round((255 * (rate + 1)) / 2);

/**
 * Grey levels of firing rates, one for each, of any shape: (φ + 1)/2, from 0 (black) to 255 (white); rates beyond ±1 are
 * black or white.
 */
export const decodeRates = (rates: ArrayLike<number>): Uint8Array =>
  Uint8Array.from(rates, (rate) => levelOf(Math.min(Math.max(rate, -1), 1)));

/**
 * Data one set after the other, as states x, shape [count of all][units].
 *
 * @throws what the encoding throws, for numbers that it does not take; not-finite
 */
export function encodeAll(
  sets: readonly Pick<{ pixels: Pixels }, "pixels">[],
  encoding: Encoding = published,
): Float32Array {
  const states = new Float32Array(sets.reduce((sum, { pixels }) => sum + pixels.length, 0));
  let start = 0;
  for (const set of sets) {
    states.set(encodeImages(set, encoding), start);
    start += set.pixels.length;
  }
  return states;
}

/** Firing rates tanh x of states of any shape, in which images are compared. */
export function ratesOfStates(states: Float32Array): Float32Array {
  const rates = new Float32Array(states.length);
  // Images have large areas of one value.
  let [state, rate] = [0, 0];
  for (let at = 0; at < rates.length; at++) {
    if (states[at] !== state) {
      state = states[at]!;
      rate = Math.tanh(state);
    }
    rates[at] = rate;
  }
  return rates;
}
