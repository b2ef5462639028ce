// Measures of generated images, in words.
import type { Evaluation } from "../commands/evaluation.js";
import { describeDigits } from "./digits.js";

/** An evaluation in lines for people. */
export function describeEvaluation(title: string, evaluation: Evaluation): string {
  const { images, A_S, A_T, AAI, classes, digits } = evaluation;
  const mix = Object.entries(classes ?? {}).map(
    ([label, share]) => `${label}: ${Math.round(100 * share)} %`,
  );
  return [
    `${title} (${images} images against ${images} held-out ones)`,
    `  A_S ${A_S.toFixed(3)}  A_T ${A_T.toFixed(3)}  AAI ${AAI.toFixed(4)}  ` +
      `E⁽²⁾ ${evaluation.covarianceError.toFixed(5)}`,
    ...(mix.length > 0 ? [`  classes  ${mix.join("  ")}`] : []),
    ...(digits
      ? describeDigits(digits)
      : ["  Legibility is not judged: the judge reads MNIST's digits only."]),
  ].join("\n");
}
