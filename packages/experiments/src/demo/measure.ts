// What the demo has a trained machine do, and what is measured of it: digits that are asked for, free dreams, digits
// completed from their upper halves, and names for digits that it never saw.
import {
  type DigitMeasures,
  type Estimate,
  measureDigits,
  points,
  shareEstimate,
} from "@neural-langevin/analysis";
import { type Backend, chainNoise, streams, type WorkOptions } from "@neural-langevin/core";
import { encodeImages, namedMask, pickImages, ratesOfStates } from "@neural-langevin/datasets";
import {
  classify,
  complete,
  type GivenDynamics,
  generate,
  type TrainedMachine,
  type TrainingData,
} from "@neural-langevin/runs";
import { learnedDigits } from "../learned-digits.js";

/** Images that are generated freely, and about as many that are asked for. */
const IMAGES = 256;
/** Rows of images that are completed. */
const COMPLETED_ROWS = 4;
/** The first chain of each task, so that their noise is independent. */
const FIRST = { asked: 0, free: 1000, completed: 2000 };

/** Columns of what is shown: equally many for every label, about ten. */
export const columnsOf = (labels: number): number => labels * Math.max(1, Math.round(9 / labels));

/** The place of a column's label among all labels. */
export const labelOfColumn = (column: number, labels: number): number =>
  Math.floor((column * labels) / columnsOf(labels));

/** What a machine made. Firing rates are of pixels, shape [images][pixels]. */
export interface DemoResults {
  /** Equally many images of every label, one label after the other; undefined without label units. */
  readonly asked: { readonly rates: Float32Array; readonly labels: readonly number[] } | undefined;
  /** Images that no label was asked for. */
  readonly free: Float32Array;
  /** Held-out images, by their places, whose lower halves were made anew. */
  readonly completed: { readonly places: readonly number[]; readonly rates: Float32Array };
  /** The label that it gives each held-out image; undefined without label units. */
  readonly named: Uint8Array | undefined;
}

/** Measures of a demo. */
export interface DemoMeasures {
  /** Of images that a label was asked for; undefined without label units. */
  readonly asked: DigitMeasures | undefined;
  /** Of images that no label was asked for. */
  readonly free: DigitMeasures;
  /** Share of held-out images that it names right. */
  readonly accuracy: Estimate | undefined;
  /** The control without a machine: tanh(4⟨φ⟩) of every digit, with noise. */
  readonly classMeans: DigitMeasures;
}

/**
 * Has a machine do all that the demo shows.
 *
 * @param data digits of MNIST as the machine learned them, with labels
 * @throws aborted, diverged; invalid-value, wrong-length, for data that are no such digits; what the backend throws
 */
export async function runDemo(
  backend: Backend,
  machine: TrainedMachine,
  data: TrainingData,
  { seed, dynamics }: { readonly seed: number; readonly dynamics?: GivenDynamics | undefined },
  work: WorkOptions = {},
): Promise<DemoResults> {
  const { labelUnits, heldOut } = data;
  const { width, height } = heldOut;
  const labels = labelUnits && equalShares(labelUnits.labels);
  const plan = { seed, dynamics };
  const make = (what: { first: number; chains: number; labels?: readonly number[] }) =>
    generate(backend, machine, { ...plan, ...what }, work);
  const asked = labels && {
    rates: await make({ first: FIRST.asked, chains: labels.length, labels }),
    labels,
  };
  const free = await make({ first: FIRST.free, chains: IMAGES });
  const places = placesByLabel(heldOut.labels!);
  const halves = {
    states: encodeImages(pickImages(heldOut, places)),
    known: namedMask("top", { width, height })!,
    first: FIRST.completed,
  };
  const rates = await complete(backend, machine, { ...plan, ...halves }, work);
  const states = encodeImages(heldOut);
  // Label units follow pinned pixels soon, however long images take.
  const sight = { seed, states, dynamics: { ...dynamics, steps: undefined } };
  const named = labelUnits && (await classify(backend, machine, sight, work));
  return { asked, free, completed: { places, rates }, named };
}

/**
 * Measures results against held-out images.
 *
 * @throws wrong-length, invalid-value, for images that are no digits of MNIST
 */
export function measureDemo({ asked, free, named }: DemoResults, data: TrainingData): DemoMeasures {
  const real = learnedDigits(data);
  const { labels } = data.heldOut;
  const right = named?.filter((label, image) => label === labels![image]).length;
  const means = classMeans(data, real.classes);
  const measure = (rates: Float32Array, of?: readonly number[]) =>
    measureDigits(points(rates, data.pixels), real, of);
  return {
    asked: asked && measure(asked.rates, asked.labels),
    free: measure(free),
    accuracy: named && shareEstimate(right!, named.length),
    classMeans: measure(means.rates, means.labels),
  };
}

/** About `IMAGES` labels, equally many of each, in order. */
function equalShares(labels: readonly number[]): number[] {
  const each = Math.floor(IMAGES / labels.length);
  return labels.flatMap((label) => new Array<number>(each).fill(label));
}

/** Places of images to complete, a column or more of every label. */
function placesByLabel(labels: Uint8Array): number[] {
  const kinds = [...new Set(labels)].sort((a, b) => a - b);
  const columns = columnsOf(kinds.length);
  return Array.from({ length: COMPLETED_ROWS * columns }, (_, at) => {
    const kind = kinds[labelOfColumn(at % columns, kinds.length)];
    const own = [...labels.keys()].filter((place) => labels[place] === kind);
    return own[at % own.length]!;
  });
}

/** Noise of the control, in firing rates. */
const CONTROL_NOISE = 0.15;

/** What needs no machine: the mean image of every digit with more contrast, tanh(4⟨φ⟩) + 0.15·N(0, 1), within ±1. */
function classMeans({ states, units, pixels, training }: TrainingData, classes: readonly number[]) {
  const labels = equalShares(classes);
  const rates = new Float32Array(labels.length * pixels);
  const sums = new Map(classes.map((label) => [label, new Float64Array(pixels)]));
  const counts = new Map<number, number>();
  training.labels!.forEach((label, image) => {
    const own = ratesOfStates(states.subarray(image * units, image * units + pixels));
    const sum = sums.get(label)!;
    for (let i = 0; i < pixels; i++) sum[i]! += own[i]!;
    counts.set(label, (counts.get(label) ?? 0) + 1);
  });
  const source = { seed: 0, stream: streams.initialState, step: 0 };
  labels.forEach((label, image) => {
    const noise = chainNoise(source, image, pixels);
    const sum = sums.get(label)!;
    for (let i = 0; i < pixels; i++) {
      const rate = Math.tanh((4 * sum[i]!) / counts.get(label)!) + CONTROL_NOISE * noise[i]!;
      rates[image * pixels + i] = Math.max(-1, Math.min(1, rate));
    }
  });
  return { rates, labels };
}
