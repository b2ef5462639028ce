// Whether a training with a single chain learned, by its machine's images after the last update.
import { formatShare } from "@neural-langevin/analysis";
import { scaled } from "../estimates.js";
import type { Finding } from "../experiment.js";
import { describeQuality } from "../format.js";
import { allOf, anyOf, isBelow, verdictOf } from "../verdict.js";
import type { AlongTrainingResult } from "./measure.js";

/** E⁽²⁾ within this factor of that of real images counts as learned. */
const NEAR_REAL = 3;
/** From this A_T on, images count as told apart from real ones. */
const TOLD_APART = 0.9;

/** The findings, with what the paper says of its own setting. */
export function findings(
  { untrained, points, real }: Pick<AlongTrainingResult, "untrained" | "points" | "real">,
  paper: string,
): Finding[] {
  const { update, quality } = points.at(-1)!;
  const learned = isBelow(quality.covarianceError, scaled(real.covarianceError, NEAR_REAL));
  const mixes = isBelow(quality.generatedAccuracy, TOLD_APART);
  return [
    {
      paper,
      found:
        `After ${update} updates, images from noise have ${describeQuality(quality)}; those of an untrained ` +
        `machine have ${describeQuality(untrained.quality)}, and real images ${describeQuality(real)}.`,
      verdict: verdictOf(allOf(learned, mixes), anyOf(learned, mixes)),
    },
    {
      paper: "Makes no claim about negatives of digits.",
      found:
        `${formatShare(quality.negativeShare)} of the images from noise are negatives; the measures above count them ` +
        `as positives. While the bias is small E(−x) ≈ E(x), and training pushes a chain away from negatives only ` +
        `when it visits them.`,
      verdict: "not-claimed",
    },
  ];
}
