// Whether persistent chains stay at their best quality, and whether restarts are best at about the training's length.
import { formatEstimate, formatShare } from "@neural-langevin/analysis";
import { ratio, scaled } from "../estimates.js";
import type { Finding } from "../experiment.js";
import { allOf, indexOfLeast, isAbove, isBelow, leastFits, not, verdictOf } from "../verdict.js";
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
  { steps, noise, real, noun }: Pick<RegimesResult, "steps" | "noise" | "real" | "noun">,
): Finding {
  const errors = qualities.map(({ covarianceError }) => covarianceError);
  const best = indexOfLeast(errors);
  const accuracies = qualities.map(({ adversarialError }) => adversarialError);
  const bestAccuracy = indexOfLeast(accuracies);
  const last = qualities.at(-1)!;
  const left = isAbove(last.covarianceError, scaled(errors[best]!, LEFT));
  const learned = isBelow(errors[best]!, scaled(noise.covarianceError, LEARNED));
  const found =
    `${phase}: E⁽²⁾ is lowest, ${formatEstimate(errors[best]!)}, after ${steps[best]} steps. After ` +
    `${steps.at(-1)} steps it is ${formatEstimate(last.covarianceError)}, ` +
    `${formatEstimate(ratio(last.covarianceError, errors[best]!))} times as high; noise has ` +
    `${formatEstimate(noise.covarianceError)}, other real ${noun} have ${formatEstimate(real.covarianceError)}. AAI is lowest, ` +
    `${formatEstimate(accuracies[bestAccuracy]!)}, after ${steps[bestAccuracy]} steps, and ` +
    `${formatEstimate(last.adversarialError)} at the end, with A_T ${formatEstimate(last.generatedAccuracy)}` +
    `${noun === "images" ? ` and ${formatShare(last.negativeShare)} negatives` : ""}.`;
  if (persistent) {
    return {
      paper: "With persistent chains (PCD-k) quality holds however long the chains run.",
      found,
      verdict: verdictOf(allOf(learned, not(left)), false),
    };
  }
  const near = (moment: number) =>
    steps[moment]! <= ABOUT * trainingSteps && steps[moment]! * ABOUT >= trainingSteps;
  return {
    paper:
      `With restarts (Rdm-k) machines generate out of equilibrium: quality is best at about the training length, ` +
      `here ${trainingSteps} steps, and worse beyond it.`,
    found,
    verdict: verdictOf(
      allOf(learned, left, leastFits(errors, near), leastFits(accuracies, near)),
      allOf(learned, left),
    ),
  };
}
