// The quality of generated states against as many training images, by names under which columns keep it.
import { points, type QualityEstimate, qualityEstimate } from "@neural-langevin/analysis";
import { ratesOfStates } from "@neural-langevin/datasets";
import type { TrainingData } from "@neural-langevin/runs";

/** The names of the measures. */
export const qualityMeasures = [
  "realAccuracy",
  "generatedAccuracy",
  "adversarialError",
  "covarianceError",
  "negativeShare",
] as const satisfies readonly (keyof QualityEstimate)[];

/** Compares generated states, shape [count][N], with the first training images. */
export function imageQuality(
  states: Float32Array,
  { states: training, units }: Pick<TrainingData, "states" | "units">,
): QualityEstimate {
  const length = Math.min(states.length, training.length);
  return qualityEstimate(
    points(ratesOfStates(states.subarray(0, length)), units),
    points(ratesOfStates(training.subarray(0, length)), units),
  );
}
