// Whether images are best when chains generate for as long as those of the training lived.
import { formatEstimate } from "@neural-langevin/analysis";
import { scaled } from "../estimates.js";
import type { Finding } from "../experiment.js";
import { allOf, indexOfLeast, isAbove, leastFits, verdictOf } from "../verdict.js";
import type { AgeCurve, AgeResult } from "./measure.js";

/** The best length counts as "about the age" within this factor. */
const ABOUT = 4;
/** A Fréchet distance at the end of this many times the least counts as having left the data. */
const LEFT = 1.5;

export const findings = ({ curves }: Pick<AgeResult, "curves">): Finding[] => curves.map(findingOf);

function findingOf({ age, points }: AgeCurve): Finding {
  const distances = points.map(({ frechetDistance }) => frechetDistance);
  const best = points[indexOfLeast(distances)]!;
  const readable = points.reduce((a, b) => (b.legible.value > a.legible.value ? b : a));
  const last = points.at(-1)!;
  const near = leastFits(distances, (place) => {
    const { steps } = points[place]!;
    return steps <= ABOUT * age && steps * ABOUT >= age;
  });
  const left = isAbove(last.frechetDistance, scaled(best.frechetDistance, LEFT));
  return {
    paper:
      "Machines trained with short chains generate out of equilibrium: they are best at about the length of these " +
      "chains, and worse beyond it.",
    found:
      `Chains of age ${age}: the Fréchet distance is least, ${formatEstimate(best.frechetDistance)}, after ` +
      `${best.steps} steps, and ${formatEstimate(last.frechetDistance)} after ${last.steps}. Most images are legible, ` +
      `${formatEstimate(readable.legible)}, after ${readable.steps} steps; after ${last.steps} steps ` +
      `${formatEstimate(last.legible)}.`,
    verdict: verdictOf(allOf(near, left), near),
  };
}
