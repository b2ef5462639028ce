// When a training ends before its last update: once a held-out measure has stopped getting better.
import { LangevinError } from "@neural-langevin/core";

/** Held-out measures that can end a training, and which of their values are better. */
export const stopMeasures = {
  AAI: "lower",
  E2: "lower",
  frechetDistance: "lower",
  legible: "higher",
} as const;

/** The name of such a measure. */
export type StopMeasure = keyof typeof stopMeasures;

/** A training that ended before its last update. */
export interface EarlyStop {
  /** The last update that was made. */
  readonly update: number;
  /** The held-out measure that decided. */
  readonly measure: StopMeasure;
  /** The evaluation after which none was better. */
  readonly best: { readonly update: number; readonly value: number };
}

/** An evaluation: its update, and measures by name. */
type EvaluationRow = { readonly update: number } & Readonly<Record<string, number | null>>;

/** The settings that decide when a training ends. */
interface StopSettings {
  readonly "stop-on": StopMeasure;
  readonly patience: number;
}

/** The evaluation of the best measure, the first of equal ones; undefined where none has a value. */
export function bestEvaluation(
  evaluations: readonly EvaluationRow[],
  measure: StopMeasure,
): EarlyStop["best"] | undefined {
  const sign = stopMeasures[measure] === "lower" ? 1 : -1;
  let best: EarlyStop["best"] | undefined;
  for (const { update, [measure]: value } of evaluations) {
    if (typeof value !== "number") continue;
    if (!best || sign * value < sign * best.value) best = { update, value };
  }
  return best;
}

/** Whether, by its evaluations so far, a training is over: `patience` of them came since the best one. */
export function earlyStop(
  evaluations: readonly EvaluationRow[],
  { "stop-on": measure, patience }: StopSettings,
): EarlyStop | undefined {
  const best = patience > 0 ? bestEvaluation(evaluations, measure) : undefined;
  const since = evaluations.filter(({ update }) => best && update > best.update).length;
  if (!best || since < patience) return undefined;
  return { update: evaluations.at(-1)!.update, measure, best };
}

/**
 * Refuses an evaluation that lacks the measure that can end the training.
 *
 * @throws invalid-value
 */
export function requireStopMeasure(
  measures: Readonly<Record<string, number | null>>,
  { "stop-on": measure, patience }: StopSettings,
): void {
  if (patience === 0 || measure in measures) return;
  const measured = Object.keys(stopMeasures).filter((name) => name in measures);
  throw new LangevinError(
    "invalid-value",
    `The training should end by ${measure}, which is not measured on these data.`,
    `Take another one with stop-on: ${measured.join(", ")}.`,
  );
}
