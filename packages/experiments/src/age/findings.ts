// Whether images are best when chains generate for as long as those of the training lived.
import type { Finding } from "../experiment.js";
import { fixed } from "../format.js";
import type { AgeCurve, AgeResult } from "./measure.js";

/** The best length counts as "about the age" within this factor. */
const ABOUT = 4;
/** A Fréchet distance at the end of this many times the least counts as having left the data. */
const LEFT = 1.5;

export const findings = ({ curves }: Pick<AgeResult, "curves">): Finding[] => curves.map(findingOf);

function findingOf({ age, points }: AgeCurve): Finding {
  const best = points.reduce((a, b) => (b.frechetDistance < a.frechetDistance ? b : a));
  const readable = points.reduce((a, b) => (b.legible > a.legible ? b : a));
  const last = points.at(-1)!;
  const near = best.steps <= ABOUT * age && best.steps * ABOUT >= age;
  const rise = last.frechetDistance / best.frechetDistance;
  return {
    paper:
      "Machines trained with short chains generate out of equilibrium: they are best at about the length of these " +
      "chains, and worse beyond it.",
    found:
      `Chains of age ${age}: the Fréchet distance is least, ${fixed(best.frechetDistance, 1)} ± ` +
      `${fixed(best.frechetError, 1)}, after ${best.steps} steps, and ${fixed(last.frechetDistance, 1)} ± ` +
      `${fixed(last.frechetError, 1)} after ${last.steps}. Most images are legible, ${fixed(readable.legible, 2)} ± ` +
      `${fixed(readable.legibleError, 2)}, after ${readable.steps} steps; after ${last.steps} steps ` +
      `${fixed(last.legible, 2)} ± ${fixed(last.legibleError, 2)}.`,
    verdict: !near ? "no" : rise > LEFT ? "yes" : "partly",
  };
}
