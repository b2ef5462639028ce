// Measures of generated images, in words.
import type { Evaluation } from "@neural-langevin/experiments";
import { describeDigits } from "./digits.js";
import { describeEquilibrium } from "./equilibrium.js";
import { describeLikelihood } from "./likelihood.js";

/** An evaluation of a machine of so many units, in lines for people. */
export function describeEvaluation(
  machine: string,
  evaluation: Evaluation,
  units: number,
  width: number,
): string {
  const { images, A_S, A_T, AAI, classes, digits, temperature, virialRatio } = evaluation;
  const { equilibrium, likelihood } = evaluation;
  const mix = Object.entries(classes ?? {}).map(
    ([label, share]) => `${label}: ${Math.round(100 * share)} %`,
  );
  return [
    `${machine}, T = ${temperature} (${images} images against ${images} held-out ones)`,
    `  A_S ${A_S.toFixed(3)}  A_T ${A_T.toFixed(3)}  AAI ${AAI.toFixed(4)}  ` +
      `E⁽²⁾ ${evaluation.covarianceError.toFixed(5)}`,
    ...(mix.length > 0 ? [`  classes  ${mix.join("  ")}`] : []),
    ...(digits
      ? describeDigits(digits)
      : ["  Legibility is not judged: the judge reads MNIST's digits only."]),
    ...(virialRatio === null
      ? []
      : [`  ⟨x·∇E⟩/(NT) ${virialRatio.toFixed(3)}  (1 in equilibrium at a small step size)`]),
    ...(equilibrium ? describeEquilibrium(equilibrium, width) : []),
    ...(likelihood ? describeLikelihood(likelihood, units, width) : []),
  ].join("\n");
}
