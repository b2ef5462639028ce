// Long trajectories of one machine: their classes, their way along principal components, and images of some of them.
import {
  type ClassTransitions,
  classMix,
  classTransitions,
  dwells,
  type Estimate,
  integratedTime,
  jackknife,
  mean,
  negativeShare,
  points,
  principalComponents,
  shareEstimate,
} from "@neural-langevin/analysis";
import { decodeStates, ratesOfStates } from "@neural-langevin/datasets";
import { completeSettings } from "@neural-langevin/runs";
import type { ExperimentContext } from "../context.js";
import { scaled } from "../estimates.js";
import type { ExplorationSettings } from "./settings.js";

/** Principal components that trajectories are projected on, and chains whose images are kept. */
const COMPONENTS = 3;
const KEPT = 8;

/** One chain, frame by frame. */
export interface Trajectory {
  readonly chain: number;
  readonly labels: Uint8Array;
  /** Coordinates along each principal component. */
  readonly along: readonly Float64Array[];
  /** Changes of class. */
  readonly changes: number;
  /** Entropy of the shares of its frames in each class, in nats. */
  readonly entropy: number;
}

/** Time in one class. */
interface ClassStay {
  readonly label: number;
  /** Shares of all frames, and of the training images. */
  readonly occupancy: number;
  readonly training: number;
  /** Frames in the class over exits from it, in units of time, with its error between chains; without an exit infinite. */
  readonly dwellTime: Estimate;
  /** Lengths of stays that were both begun and ended, in units of time. */
  readonly complete: readonly number[];
}

export interface ExplorationResult {
  readonly trajectories: readonly Trajectory[];
  readonly transitions: ClassTransitions;
  /** By class, in the order of `transitions`. */
  readonly stays: readonly ClassStay[];
  /** Time dt·steps between two frames. */
  readonly frameTime: number;
  /** Training images on the principal components, by component, and their labels. */
  readonly images: readonly Float64Array[];
  readonly imageLabels: Uint8Array;
  /** Integrated autocorrelation time along the first component, in units of time. */
  readonly correlationTime: Estimate;
  /** Share of negatives among all images of all frames, with the error of as many independent images as there are chains. */
  readonly negativeShare: Estimate;
  /** Grey levels of the first chains, by frame, shape [chains][height][width]. */
  readonly frames: readonly Uint8Array[];
  readonly width: number;
  readonly height: number;
}

export async function measure(
  context: ExperimentContext,
  { training, chains, burnIn, frames, between, labelled }: ExplorationSettings,
): Promise<ExplorationResult> {
  const data = await context.data(training);
  const voters = await context.data({ ...training, images: labelled });
  const { units } = data;
  const { "step-size": dt, integrator, temperature } = completeSettings(training);
  const references = points(ratesOfStates(voters.states), units);
  const [machine] = await context.train("machine", training, { data });
  const rates = ratesOfStates(data.states);
  const axes = await context.arrays("components", () => {
    const { mean: centre, components } = principalComponents(points(rates, units), COMPONENTS);
    return { centre, components };
  });
  const kept = Math.min(KEPT, chains);
  const columns = await context.sample("trajectories", {
    network: machine!,
    chains,
    dt,
    integrator,
    temperature,
    at: Array.from({ length: frames }, (_, frame) => burnIn + frame * between),
    observe({ states }) {
      const generated = ratesOfStates(states);
      const set = points(generated, units);
      return {
        labels: classMix(set, references, voters.training.labels!).labels,
        coordinates: project(generated, axes),
        states: states.slice(0, kept * units),
        negativeShare: negativeShare(set),
      };
    },
  });
  const trajectories = Array.from({ length: chains }, (_, chain): Trajectory => {
    const labels = Uint8Array.from(columns.labels, (row) => row[chain]!);
    const along = Array.from({ length: COMPONENTS }, (_, component) =>
      Float64Array.from(columns.coordinates, (row) => row[chain * COMPONENTS + component]!),
    );
    return { chain, labels, along, changes: dwells(labels).length - 1, entropy: entropy(labels) };
  });
  const transitions = classTransitions(trajectories.map(({ labels }) => labels));
  const frameTime = dt * between;
  const coordinates = project(rates, axes);
  const { width, height, labels: imageLabels } = data.training;
  return {
    trajectories,
    transitions,
    stays: transitions.labels.map((label, row) => ({
      label,
      occupancy: transitions.occupancy[row]!,
      training: shareOf(imageLabels!, label),
      dwellTime: scaled(jackknife(trajectories, dwellFrames(label)), frameTime),
      complete: completeStays(trajectories, label).map((length) => length * frameTime),
    })),
    frameTime,
    images: Array.from({ length: COMPONENTS }, (_, component) =>
      coordinates.filter((_, at) => at % COMPONENTS === component),
    ),
    imageLabels: imageLabels!,
    correlationTime: scaled(
      jackknife(trajectories, (some) => integratedTime(some.map(({ along }) => along[0]!))),
      frameTime,
    ),
    negativeShare: shareEstimate(chains * mean(columns.negativeShare), chains),
    frames: columns.states.map((frame) => decodeStates(frame, data.encoding)),
    width,
    height,
  };
}

/** Coordinates of firing rates, shape [count][components], on axes of shape [components][N] from a centre. */
function project(
  rates: Float32Array,
  { centre, components }: { readonly centre: Float64Array; readonly components: Float64Array },
): Float64Array {
  const units = centre.length;
  const result = new Float64Array((rates.length / units) * COMPONENTS);
  return result.map((_, at) => {
    const start = Math.floor(at / COMPONENTS) * units;
    const axis = (at % COMPONENTS) * units;
    let sum = 0;
    for (let i = 0; i < units; i++) sum += components[axis + i]! * (rates[start + i]! - centre[i]!);
    return sum;
  });
}

/** Share of the labels that are this one. */
const shareOf = (labels: Uint8Array, label: number): number =>
  labels.filter((other) => other === label).length / labels.length;

/** Frames in a class over exits from it: the mean dwell of a memoryless chain, wherever the sequence is cut. */
const dwellFrames = (label: number) => (trajectories: readonly Trajectory[]) => {
  let [frames, exits] = [0, 0];
  for (const { labels } of trajectories) {
    for (let next = 1; next < labels.length; next++) {
      if (labels[next - 1] !== label) continue;
      frames++;
      if (labels[next] !== label) exits++;
    }
  }
  return frames / exits;
};

function entropy(labels: Uint8Array): number {
  const shares = [...new Set(labels)].map((label) => shareOf(labels, label));
  return shares.reduce((sum, p) => sum - p * Math.log(p), 0);
}

/** Frames of every stay in a class that was both begun and ended. */
const completeStays = (trajectories: readonly Trajectory[], label: number): number[] =>
  trajectories.flatMap(({ labels }) =>
    dwells(labels).flatMap((stay) => (stay.complete && stay.label === label ? [stay.length] : [])),
  );
