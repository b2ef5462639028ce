// The evaluation of a machine as one row of numbers, for a training that is evaluated along its way.
import type { Backend } from "@neural-langevin/core";
import type { DataSet } from "@neural-langevin/datasets";
import type { HeldOutEvaluation, TrainingData } from "@neural-langevin/runs";
import { type Evaluation, evaluate } from "./evaluation.js";

/**
 * What `trainRun` evaluates with: `evaluate`, as `nlm evaluate` calls it for the checkpoint of the same update, so that both
 * give the same numbers. Chains have noise that no training sees, in a session of their own. See `evaluationRow`.
 *
 * @param data at least two images that were kept back
 * @throws what `evaluate` throws: invalid-value, wrong-length, not-finite, aborted, diverged
 */
export const heldOutEvaluation =
  (backend: Backend, data: TrainingData<DataSet>): HeldOutEvaluation =>
  async (machine, work) =>
    evaluationRow(await evaluate(backend, machine, data, { seed: machine.settings.seed }, work));

/**
 * The measures of an evaluation by name, each with its standard error as `NAME_error`, null where one has no value: `A_S`,
 * `A_T`, `AAI`, `E2`, and for digits of MNIST `legible`, `inverted`, `empty`, `broken`, `frechetDistance`, `varianceRatio`,
 * `nearestRatio` and `digit_D`, the share of D among the legible; `class_L`, the share of the label L by its nearest
 * training images; and `virialRatio`. See `Evaluation`.
 */
export function evaluationRow(evaluation: Evaluation): Readonly<Record<string, number | null>> {
  const { images, A_S, A_T, AAI, covarianceError, standardErrors, digits } = evaluation;
  const { classes = {}, virialRatio, virialRatioError } = evaluation;
  const row: Record<string, number | null> = { images };
  const put = (name: string, value: number | null) => {
    row[name] = value !== null && Number.isFinite(value) ? value : null;
  };
  const estimate = (name: string, value: number | null, standardError: number | null) => {
    put(name, value);
    put(`${name}_error`, standardError);
  };
  estimate("A_S", A_S, standardErrors.A_S);
  estimate("A_T", A_T, standardErrors.A_T);
  estimate("AAI", AAI, standardErrors.AAI);
  estimate("E2", covarianceError, standardErrors.covarianceError);
  if (digits) {
    const { images: _, asked: __, classShares, ...measures } = digits;
    for (const [name, of] of Object.entries(measures)) estimate(name, of.value, of.standardError);
    for (const [digit, of] of Object.entries(classShares)) {
      estimate(`digit_${digit}`, of.value, of.standardError);
    }
  }
  for (const [label, of] of Object.entries(classes)) {
    estimate(`class_${label}`, of.value, of.standardError);
  }
  estimate("virialRatio", virialRatio, virialRatioError);
  return row;
}
