// The quality of generated states against as many training images, and the same over time from named columns.
import { points, type Quality, quality } from "@neural-langevin/analysis";
import { ratesOfStates } from "@neural-langevin/datasets";
import type { TrainingData } from "@neural-langevin/runs";

/** Compares generated states, shape [count][N], with the first training images. */
export function imageQuality(
  states: Float32Array,
  { states: training, units }: Pick<TrainingData, "states" | "units">,
): Quality {
  const length = Math.min(states.length, training.length);
  return quality(
    points(ratesOfStates(states.subarray(0, length)), units),
    points(ratesOfStates(training.subarray(0, length)), units),
  );
}

/** The quality that was observed at one moment. */
export const qualityAt = (
  columns: { readonly [Name in keyof Quality]: readonly number[] },
  moment: number,
): Quality => ({
  realAccuracy: columns.realAccuracy[moment]!,
  generatedAccuracy: columns.generatedAccuracy[moment]!,
  adversarialError: columns.adversarialError[moment]!,
  covarianceError: columns.covarianceError[moment]!,
  negativeShare: columns.negativeShare[moment]!,
});
