// Quality over the steps of generation, for machines of several trainings.
import type { QualityEstimate } from "@neural-langevin/analysis";
import type { FilmRow } from "@neural-langevin/figures";
import { completeSettings, planOf } from "@neural-langevin/runs";
import type { ExperimentContext } from "../context.js";
import { filmsOfChains, nounOf, sizeOfPicture } from "../drawing.js";
import { estimatesAt, estimatesOf, numbersOfEstimates } from "../estimates.js";
import { imageQuality, qualityMeasures } from "../image-quality.js";
import { paceOf, startingStates } from "../sampling.js";
import { type RegimesSettings, updatesOf } from "./settings.js";

/** What one machine generates, over the steps. */
export interface GenerationCurve {
  /** Negative phase of its training, such as `rdm-40`. */
  readonly phase: string;
  /** Steps of a chain between two updates of the training. */
  readonly trainingSteps: number;
  readonly persistent: boolean;
  readonly update: number;
  readonly qualities: readonly QualityEstimate[];
}

export interface RegimesResult {
  readonly steps: readonly number[];
  readonly curves: readonly GenerationCurve[];
  /** The two ends of the scale: what N(0, 1) has, and real images that are not among those compared with. */
  readonly noise: QualityEstimate;
  readonly real: QualityEstimate;
  /** A few chains of every machine after its last update, over the steps. */
  readonly films: readonly FilmRow[];
  readonly width: number;
  readonly height: number;
  /** What the data are called: numbers that are no images have no negatives. */
  readonly noun: "images" | "samples";
}

/** Chains that the film shows. */
const SHOWN = 3;

export async function measure(
  context: ExperimentContext,
  { trainings, at, chains, steps }: RegimesSettings,
): Promise<RegimesResult> {
  const curves: GenerationCurve[] = [];
  const films: FilmRow[] = [];
  const data = await context.numbers(trainings[0]!);
  const { units, training: images } = data;
  for (const training of trainings) {
    const complete = completeSettings(training);
    const phase = complete["negative-phase"];
    const { negativePhase } = planOf(complete);
    const machines = await context.train(phase, training, { at: updatesOf(training, at), data });
    for (const machine of machines) {
      const columns = await context.sample(`${phase}-${machine.update}`, {
        network: machine,
        chains,
        at: steps,
        ...paceOf(complete),
        observe: ({ states }) => ({
          ...numbersOfEstimates(imageQuality(states, data)),
          states: states.slice(0, SHOWN * units),
        }),
      });
      curves.push({
        phase,
        update: machine.update,
        persistent: negativePhase.kind === "persistent",
        trainingSteps: negativePhase.kind === "none" ? 0 : negativePhase.steps,
        qualities: steps.map((_, moment) => estimatesAt(qualityMeasures, columns, moment)),
      });
      if (machine !== machines.at(-1)) continue;
      films.push(...filmsOfChains(phase, columns.states, units, data.encoding));
    }
  }
  const apart = Math.min(chains, Math.floor(images.count / 2)) * units;
  const { noise, real } = await context.value("ends", () => ({
    noise: numbersOfEstimates(imageQuality(startingStates(context.seed, chains, units), data)),
    real: numbersOfEstimates(imageQuality(data.states.subarray(data.states.length - apart), data)),
  }));
  return {
    steps,
    curves,
    noise: estimatesOf(qualityMeasures, noise),
    real: estimatesOf(qualityMeasures, real),
    films,
    ...sizeOfPicture(images),
    noun: nounOf(images),
  };
}
