// Whether persistent chains stay at their best quality, and whether restarts are best at about the training's length.
import type { Finding } from "../experiment.js";
import { fixed, percent } from "../format.js";
import type { GenerationCurve, RegimesResult } from "./measure.js";

/** E⁽²⁾ at the end over its least value: above it the machine has left the data, below it has stayed. */
const LEFT = 1.5;
/** A machine counts as one that learned when its least E⁽²⁾ is below this share of that of noise. */
const LEARNED = 0.8;
/** The best step counts as "about the training length" within this factor. */
const ABOUT = 3;

/** The curve of every training after its last update. */
export const lastCurves = (curves: readonly GenerationCurve[]): GenerationCurve[] =>
  curves.filter(
    ({ phase, update }) => !curves.some((other) => other.phase === phase && other.update > update),
  );

export const findings = (result: RegimesResult): Finding[] =>
  lastCurves(result.curves).map((curve) => findingOf(curve, result));

function findingOf(
  { phase, trainingSteps, persistent, qualities }: GenerationCurve,
  { steps, noise, real }: Pick<RegimesResult, "steps" | "noise" | "real">,
): Finding {
  const errors = qualities.map(({ covarianceError }) => covarianceError);
  const best = indexOfLeast(errors);
  const bestAccuracy = indexOfLeast(qualities.map(({ adversarialError }) => adversarialError));
  const last = qualities.at(-1)!;
  const rise = last.covarianceError / errors[best]!;
  const learned = errors[best]! < LEARNED * noise.covarianceError;
  const found =
    `${phase}: E⁽²⁾ is lowest, ${fixed(errors[best]!, 4)}, after ${steps[best]} steps. After ` +
    `${steps.at(-1)} steps it is ${fixed(last.covarianceError, 4)}, ${fixed(rise, 1)} times as high; noise has ` +
    `${fixed(noise.covarianceError, 4)}, other real images have ${fixed(real.covarianceError, 4)}. AAI is lowest, ` +
    `${fixed(qualities[bestAccuracy]!.adversarialError, 3)}, after ${steps[bestAccuracy]} steps, and ` +
    `${fixed(last.adversarialError, 3)} at the end, with A_T ${fixed(last.generatedAccuracy, 2)} and ` +
    `${percent(last.negativeShare)} negatives.`;
  if (persistent) {
    return {
      paper: "With persistent chains (PCD-k) quality holds however long the chains run.",
      found,
      verdict: learned && rise < LEFT ? "yes" : "no",
    };
  }
  const near = (moment: number) =>
    steps[moment]! <= ABOUT * trainingSteps && steps[moment]! * ABOUT >= trainingSteps;
  return {
    paper:
      `With restarts (Rdm-k) machines generate out of equilibrium: quality is best at about the training length, ` +
      `here ${trainingSteps} steps, and worse beyond it.`,
    found,
    verdict: !(learned && rise > LEFT) ? "no" : near(best) && near(bestAccuracy) ? "yes" : "partly",
  };
}

const indexOfLeast = (values: readonly number[]): number => values.indexOf(Math.min(...values));
