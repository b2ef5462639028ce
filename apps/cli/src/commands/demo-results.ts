// What the demo has a trained machine do, and what is measured of it: digits that are asked for, free dreams, digits
// completed from their upper halves, and names for digits that it never saw.
import { type Estimate, shareEstimate } from "@neural-langevin/analysis";
import { type Backend, chainNoise, streams } from "@neural-langevin/core";
import { encodeImages, pixelStates, ratesOfStates } from "@neural-langevin/datasets";
import type { TrainingData } from "@neural-langevin/runs";
import type { LoadedNetwork } from "../files/network.js";
import type { Terminal } from "../terminal/terminal.js";
import { openChains } from "./chains.js";
import { classify } from "./classification.js";
import { type DigitMeasures, measureDigits, realDigits } from "./digit-measures.js";
import { askForLabels, averagedRates, type Dynamics, placeChains } from "./generation.js";

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
  readonly free: Float32Array;
  /** Held-out images, by their places, whose lower halves were made anew. */
  readonly completed: { readonly places: readonly number[]; readonly rates: Float32Array };
  /** What it says of the held-out images. */
  readonly said: Uint8Array | undefined;
}

/** Measures of a demo. */
export interface DemoMeasures {
  readonly asked: DigitMeasures | undefined;
  readonly free: DigitMeasures;
  /** Share of held-out images whose label it says. */
  readonly accuracy: Estimate | undefined;
  /** The control without a machine: tanh(4⟨φ⟩) of every digit, with noise. */
  readonly classMeans: DigitMeasures;
}

/** A trained machine and what computes it. */
export interface Trained {
  readonly terminal: Terminal;
  readonly backend: Backend;
  readonly machine: LoadedNetwork;
  readonly dynamics: Dynamics;
  readonly seed: number;
}

/**
 * Has the machine do all that the demo shows.
 *
 * @throws aborted, diverged
 */
export async function generateAll(trained: Trained, data: TrainingData): Promise<DemoResults> {
  const { terminal, backend, machine, seed } = trained;
  const { labelUnits: layout, heldOut } = data;
  const asked = layout && equalShares(layout.labels);
  const states = encodeImages(heldOut);
  return {
    asked: asked && {
      rates: await generate(trained, { first: FIRST.asked, chains: asked.length, labels: asked }),
      labels: asked,
    },
    free: await generate(trained, { first: FIRST.free, chains: IMAGES, labels: [] }),
    completed: await complete(trained, data),
    said: layout && (await classify(terminal, backend, machine, { layout, states, seed })),
  };
}

/** Measures results against held-out images. */
export function measureAll({ asked, free, said }: DemoResults, data: TrainingData): DemoMeasures {
  const real = realDigits(data);
  const { labels } = data.heldOut;
  const right = said?.filter((label, image) => label === labels![image]).length;
  const means = classMeans(data, real.classes);
  return {
    asked: asked && measureDigits(asked.rates, real, asked.labels),
    free: measureDigits(free, real),
    accuracy: said && shareEstimate(right!, said.length),
    classMeans: measureDigits(means.rates, real, means.labels),
  };
}

/** About `IMAGES` labels, equally many of each, in order. */
function equalShares(labels: readonly number[]): number[] {
  const each = Math.floor(IMAGES / labels.length);
  return labels.flatMap((label) => new Array<number>(each).fill(label));
}

async function generate(
  { terminal, backend, machine, dynamics, seed }: Trained,
  what: { readonly first: number; readonly chains: number; readonly labels: readonly number[] },
): Promise<Float32Array> {
  const { network } = machine;
  const { first, chains, labels } = what;
  await using session = await openChains(backend, network, { chains, seed, first });
  const pinned = await askForLabels(session, network, dynamics.chainStart, labels);
  const rates = await averagedRates(terminal, "sampling", session, dynamics, pinned);
  return pixelStates(rates, network.labelUnits);
}

/** Completes the lower halves of held-out images, a column or more of every label; label units run free. */
async function complete(
  { terminal, backend, machine, dynamics, seed }: Trained,
  { heldOut, pixels }: TrainingData,
): Promise<DemoResults["completed"]> {
  const { network } = machine;
  const labels = heldOut.labels!;
  const kinds = [...new Set(labels)].sort((a, b) => a - b);
  const columns = columnsOf(kinds.length);
  const places = Array.from({ length: COMPLETED_ROWS * columns }, (_, at) => {
    const kind = kinds[labelOfColumn(at % columns, kinds.length)];
    const own = [...labels.keys()].filter((place) => labels[place] === kind);
    return own[at % own.length]!;
  });
  const states = encodeImages(heldOut);
  const chains = places.length;
  await using session = await openChains(backend, network, {
    chains,
    seed,
    first: FIRST.completed,
  });
  const known = pixels / 2;
  await placeChains(session, dynamics.chainStart, (state, chain) => {
    const from = places[chain]! * pixels;
    state.set(states.subarray(from, from + known));
  });
  const pinned = new Uint8Array(network.units).fill(1, 0, known);
  const rates = await averagedRates(terminal, "completing", session, dynamics, pinned);
  return { places, rates: pixelStates(rates, network.labelUnits) };
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
