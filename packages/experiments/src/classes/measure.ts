// Quality of machines over the number of classes they learned, and how evenly they generate these classes.
import {
  classEvenness,
  classMix,
  type Estimate,
  points,
  type QualityEstimate,
} from "@neural-langevin/analysis";
import { decodeStates, ratesOfStates } from "@neural-langevin/datasets";
import type { FilmRow } from "@neural-langevin/figures";
import { completeSettings, type TrainingData } from "@neural-langevin/runs";
import type { ExperimentContext } from "../context.js";
import { estimatesAt, numbersOfEstimates } from "../estimates.js";
import { imageQuality, qualityMeasures } from "../image-quality.js";
import { paceOf } from "../sampling.js";
import { type ClassesSettings, VOTERS } from "./settings.js";

/** What a machine of some classes generates. */
export interface ClassesPoint extends QualityEstimate {
  readonly classes: number;
  /** `classEvenness` of the generated classes: 1 where all are equally frequent, 0 where there is only one. */
  readonly evenness: Estimate;
}

export interface ClassesResult {
  readonly points: readonly ClassesPoint[];
  readonly steps: number;
  readonly films: readonly FilmRow[];
  readonly width: number;
  readonly height: number;
}

/** Images that the film shows of each machine. */
const SHOWN = 16;

export async function measure(
  context: ExperimentContext,
  { training, classes, chains, steps }: ClassesSettings,
): Promise<ClassesResult> {
  const found: ClassesPoint[] = [];
  const films: FilmRow[] = [];
  let [width, height] = [0, 0];
  const complete = completeSettings(training);
  for (const number of classes) {
    const settings = { ...training, labels: Array.from({ length: number }, (_, label) => label) };
    const data = await context.data(settings);
    const [machine] = await context.train(`classes-${number}`, settings, { data });
    const columns = await context.sample(`images-${number}`, {
      network: machine!,
      chains,
      at: [steps],
      ...paceOf(complete),
      observe: ({ states }) => ({
        ...numbersOfEstimates({
          ...imageQuality(states, data),
          evenness: evennessOf(states, data),
        }),
        states: states.slice(0, SHOWN * data.units),
      }),
    });
    found.push({
      classes: number,
      ...estimatesAt([...qualityMeasures, "evenness"], columns, 0),
    });
    films.push({
      name: `0 … ${number - 1}`,
      pixels: decodeStates(columns.states[0]!, data.encoding),
    });
    ({ width, height } = data.training);
  }
  return { points: found, steps, films, width, height };
}

/** The evenness of the classes of generated states, by their nearest training images. */
function evennessOf(
  states: Float32Array,
  { training, states: all, units }: TrainingData,
): Estimate {
  const count = Math.min(VOTERS, training.count);
  const references = points(ratesOfStates(all.subarray(0, count * units)), units);
  const generated = points(ratesOfStates(states), units);
  const { labels, shares } = classMix(generated, references, training.labels!.subarray(0, count));
  return classEvenness(labels, [...shares.keys()]);
}
