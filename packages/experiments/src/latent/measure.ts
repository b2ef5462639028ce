// How codes that a machine generates compare with those of images, and what they decode to.
import {
  type Estimate,
  meanEstimate,
  points,
  type QualityEstimate,
  qualityEstimate,
} from "@neural-langevin/analysis";
import { type ErrorCode, isLangevinError, LangevinError } from "@neural-langevin/core";
import { greyLevels, type ImageSet } from "@neural-langevin/datasets";
import type { FilmRow } from "@neural-langevin/figures";
import { completeSettings, type TrainingData } from "@neural-langevin/runs";
import type { ExperimentContext } from "../context.js";
import { estimatesOf, numbersOf } from "../estimates.js";
import { qualityMeasures } from "../image-quality.js";
import {
  type Autoencoder,
  type AutoencoderState,
  openAutoencoder,
  trainAutoencoder,
} from "./autoencoder.js";
import {
  codesOfStates,
  dataOfCodes,
  normalCodes,
  standardisationOf,
  statesOfCodes,
} from "./codes.js";
import type { CodeSource, LatentSettings } from "./settings.js";
import { loadTensorFlow, type TensorFlow } from "./tensorflow.js";

/** How generated codes, as states, compare with those of training images. */
export type CodeQuality = Omit<QualityEstimate, "negativeShare">;

/** The names of its measures. */
const measures = qualityMeasures.filter((name) => name !== "negativeShare");

/** What became of one set of images. */
export interface LatentMachine {
  readonly name: string;
  /** Size d of a code. */
  readonly code: number;
  /** Mean squared error of the autoencoder in u = 2p − 1, over images that were kept back. */
  readonly loss: Estimate;
  /** Of the machine, over the steps. */
  readonly machine: readonly CodeQuality[];
  /** Of codes of images that were kept back, and of a normal distribution with mean and covariance of the codes. */
  readonly real: CodeQuality;
  readonly normal: CodeQuality;
  /** Images that were kept back, the same through the autoencoder, and decoded codes of the machine. */
  readonly films: readonly FilmRow[];
  readonly width: number;
  readonly height: number;
}

/** A set of images that was not computed, and why. */
export interface MissingSet {
  readonly name: string;
  readonly reason: string;
}

export interface LatentResult {
  readonly steps: readonly number[];
  readonly machines: readonly LatentMachine[];
  readonly missing: readonly MissingSet[];
}

/** Images in a row of the film, and its rows of generated ones. */
const SHOWN = { columns: 16, rows: 4 };

/** Failures that leave a set of images out: no TensorFlow.js, no data. */
const missingCodes: readonly ErrorCode[] = ["unavailable", "not-found"];

/**
 * @param load imports TensorFlow.js, as `loadTensorFlow` does; where it throws `unavailable`, nothing is computed.
 *   Its types are not named here, because declarations may not ask for an optional package.
 */
export async function measure(
  context: ExperimentContext,
  settings: LatentSettings,
  load: () => Promise<object> = loadTensorFlow,
): Promise<LatentResult> {
  const machines: LatentMachine[] = [];
  const missing: MissingSet[] = [];
  for (const [name, source] of [
    ["MNIST", settings.mnist],
    ["Fashion-MNIST", settings.fashion],
  ] as const) {
    const { training, chains } = settings;
    const wanted = { ...training, data: source.data, "held-out": chains };
    let tensorFlow: TensorFlow;
    let data: TrainingData;
    try {
      tensorFlow = (await load()) as TensorFlow;
      data = await context.data(wanted);
    } catch (error) {
      if (!isLangevinError(error) || !missingCodes.includes(error.code)) throw error;
      missing.push({ name, reason: [error.message, error.remedy ?? ""].join(" ").trimEnd() });
      continue;
    }
    machines.push(await measureSet(context, tensorFlow, settings, { name, source, data }));
  }
  return { steps: settings.steps, machines, missing };
}

/** Trains autoencoder and machine on one set of images, and measures what the machine generates. */
async function measureSet(
  context: ExperimentContext,
  tensorFlow: TensorFlow,
  { training, autoencoder: settings, chains, steps }: LatentSettings,
  set: { readonly name: string; readonly source: CodeSource; readonly data: TrainingData },
): Promise<LatentMachine> {
  const { name, source, data } = set;
  const { code } = source;
  const stem = name.toLowerCase();
  const { epochs, keptEvery, ...layers } = settings;
  const plan = { ...layers, units: data.units, code, seed: context.seed };
  const inputs = inputsOf(data.training);
  let state: AutoencoderState | undefined;
  for (let first = 0; first < epochs; first += keptEvery) {
    const end = Math.min(first + keptEvery, epochs);
    const before = state;
    state = await context.arrays(`${stem}-autoencoder-${end}`, () =>
      trainAutoencoder(tensorFlow, plan, inputs, before, [first, end], (done) => {
        if (context.aborted) {
          throw new LangevinError("aborted", `Stopped the autoencoder after epoch ${done}.`);
        }
        context.progress(`autoencoder of ${name}`, done, epochs, "epochs");
      }),
    );
  }
  const autoencoder = openAutoencoder(tensorFlow, plan, state!);
  try {
    const raw = await context.arrays(`${stem}-codes`, () => ({
      training: autoencoder.encode(inputs),
      heldOut: autoencoder.encode(inputsOf(data.heldOut)),
    }));
    const standardisation = standardisationOf(raw.training, code);
    const states = statesOfCodes(raw.training, standardisation);
    const heldOutStates = statesOfCodes(raw.heldOut, standardisation);
    const given = { ...training, data: source.data };
    const { "step-size": dt, integrator, temperature } = completeSettings(given);
    const [machine] = await context.train(stem, given, {
      data: await dataOfCodes(data, { states, heldOutStates, code }),
    });
    const columns = await context.sample(`${stem}-chains`, {
      network: machine!,
      chains,
      at: steps,
      dt,
      integrator,
      temperature,
      observe: ({ states }) => ({ states }),
    });
    const reference = points(states.subarray(0, chains * code), code);
    const compare = (values: Float32Array | Float64Array) => {
      const { negativeShare: _, ...rest } = qualityEstimate(points(values, code), reference);
      return numbersOf(rest);
    };
    const {
      machine: ours,
      real,
      normal,
    } = await context.value(`${stem}-quality`, () => ({
      machine: columns.states.map(compare),
      real: compare(heldOutStates),
      normal: compare(normalCodes(points(states, code), chains, context.seed)),
    }));
    const { loss } = await context.arrays(`${stem}-losses`, () => ({
      loss: squaredErrors(inputsOf(data.heldOut), autoencoder.decode(raw.heldOut), data.units),
    }));
    const generated = codesOfStates(columns.states.at(-1)!, standardisation);
    const { width, height } = data.training;
    return {
      name,
      code,
      loss: meanEstimate(loss),
      machine: ours.map((row) => estimatesOf(measures, row)),
      real: estimatesOf(measures, real),
      normal: estimatesOf(measures, normal),
      films: filmsOf(autoencoder, { images: data.heldOut, codes: raw.heldOut, generated, code }),
      width,
      height,
    };
  } finally {
    autoencoder.close();
  }
}

/** The mean squared difference of every image from another, shape [count]. */
function squaredErrors(a: Float32Array, b: Float32Array, units: number): Float64Array {
  const errors = new Float64Array(a.length / units);
  a.forEach((value, at) => {
    errors[Math.floor(at / units)]! += (value - b[at]!) ** 2 / units;
  });
  return errors;
}

/** Grey levels as the autoencoder sees them, u = 2p − 1. */
const inputsOf = ({ pixels }: ImageSet): Float32Array =>
  pixels instanceof Float32Array
    ? pixels.map((p) => 2 * p - 1)
    : Float32Array.from(pixels, (level) => (2 * level) / 255 - 1);

/** Images that were kept back, the same through the autoencoder, and decoded codes of the machine. */
function filmsOf(
  autoencoder: Autoencoder,
  {
    images,
    codes,
    generated,
    code,
  }: {
    readonly images: ImageSet;
    readonly codes: Float32Array;
    readonly generated: Float32Array;
    readonly code: number;
  },
): FilmRow[] {
  const count = generated.length / code;
  const columns = Math.min(SHOWN.columns, images.count, count);
  const rows = Math.min(SHOWN.rows, Math.floor(count / columns));
  const decode = (some: Float32Array) =>
    Uint8Array.from(autoencoder.decode(some), (u) => Math.round((255 * (u + 1)) / 2));
  const size = images.width * images.height;
  return [
    { name: "real", pixels: greyLevels(images.pixels.subarray(0, columns * size)) },
    { name: "autoencoder", pixels: decode(codes.slice(0, columns * code)) },
    ...Array.from({ length: rows }, (_, row) => ({
      name: row === 0 ? "machine" : "",
      pixels: decode(generated.slice(row * columns * code, (row + 1) * columns * code)),
    })),
  ];
}
