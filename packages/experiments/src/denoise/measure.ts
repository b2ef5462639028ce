// Stored images come back at T = 0 from damaged ones, over time and damage, beside what plainer methods restore.
import { points, restorationDistances } from "@neural-langevin/analysis";
import {
  decodeStates,
  encodeImages,
  type ImageSet,
  pickImages,
  ratesOfStates,
  replaceUnits,
} from "@neural-langevin/datasets";
import { sha256, type TrainingData } from "@neural-langevin/runs";
import type { ExperimentContext } from "../context.js";
import { baselines, type Damaged } from "./baselines.js";
import type { DenoiseSettings } from "./settings.js";

/** What became of images with one share of replaced units. One entry for each of `steps`, one number for each image. */
export interface DamageLevel {
  readonly level: number;
  /** E/N. */
  readonly energies: readonly Float64Array[];
  /** Root mean square distance of the firing rates from those of the stored image. */
  readonly distances: readonly Float64Array[];
  /** The same for every other method. */
  readonly baselines: Readonly<Record<string, Float64Array>>;
}

export interface DenoiseResult {
  readonly levels: readonly DamageLevel[];
  /** The level that is shown. */
  readonly shown: number;
  readonly steps: readonly number[];
  /** The stored images, one of each label. */
  readonly images: ImageSet;
  /** Grey levels of the first copy of every image at the shown level, for each of `steps`. */
  readonly films: readonly Uint8Array[];
  /** The same images restored by every other method. */
  readonly restored: Readonly<Record<string, Uint8Array>>;
}

export async function measure(
  context: ExperimentContext,
  { training, levels, shown, copies, dt, steps }: DenoiseSettings,
): Promise<DenoiseResult> {
  const data = await onePerLabel(await context.data(training));
  const { units } = data;
  const originals = ratesOfStates(data.states);
  const [machine] = await context.train("memory", training, { data });
  const found: DamageLevel[] = [];
  let films: Uint8Array[] = [];
  for (const level of levels) {
    const damaged = damage(data, { copies, level, seed: context.seed });
    const columns = await context.sample(`restore-${level}`, {
      network: machine!,
      chains: damaged.states.length / units,
      dt,
      integrator: "euler-maruyama",
      temperature: 0,
      start: damaged.states,
      at: steps,
      observe: ({ states, energies }) => ({
        energies: Float64Array.from(energies, (energy) => energy / units),
        distances: restorationDistances(ratesOfStates(states), originals, units),
        states: states.slice(0, data.states.length),
      }),
    });
    const others = await context.arrays(`baselines-${level}`, () => {
      const distances = Object.entries(baselines).map(([name, restore]) => [
        name,
        restorationDistances(restore(damaged), originals, units),
      ]);
      return Object.fromEntries(distances) as Record<string, Float64Array>;
    });
    const { energies, distances } = columns;
    found.push({ level, energies, distances, baselines: others });
    if (level === shown) films = columns.states.map((frame) => decodeStates(frame));
  }
  const example = damage(data, { copies: 1, level: shown, seed: context.seed });
  const restored = Object.entries(baselines).map(([name, restore]) => [
    name,
    Uint8Array.from(restore(example), greyOfRate),
  ]);
  return {
    levels: found,
    shown,
    steps,
    images: data.training,
    films,
    restored: Object.fromEntries(restored),
  };
}

/** The grey level of a firing rate. */
const greyOfRate = (rate: number): number =>
  Math.round((255 * (Math.max(-1, Math.min(1, rate)) + 1)) / 2);

/** The first image of each label, in the order of the labels. */
async function onePerLabel(data: TrainingData): Promise<TrainingData> {
  const labels = [...data.training.labels!];
  const places = [...new Set(labels)].sort((a, b) => a - b).map((label) => labels.indexOf(label));
  const training = pickImages(data.training, places);
  return {
    ...data,
    training,
    states: encodeImages(training, data.encoding),
    sha256: await sha256(training.pixels),
  };
}

/** Damaged copies of all images, copy by copy. */
function damage(
  { states, units, training }: TrainingData,
  { copies, level, seed }: { copies: number; level: number; seed: number },
): Damaged {
  const all = new Float32Array(copies * states.length);
  for (let copy = 0; copy < copies; copy++) all.set(states, copy * states.length);
  const damaged = replaceUnits(all, units, { fraction: level, seed });
  const patterns = points(ratesOfStates(states), units);
  return { states: damaged.states, patterns, width: training.width, seed };
}
