// How quality changes with the number of classes, and whether all of them are generated.
import { formatEstimate, slopeEstimate } from "@neural-langevin/analysis";
import type { Finding } from "../experiment.js";
import { describeQuality } from "../format.js";
import { allOf, isAbove, verdictOf } from "../verdict.js";
import type { ClassesResult } from "./measure.js";

/** Evenness above which classes count as generated alike, and above which they count as generated at all. */
const EVEN = 0.8;
const SEVERAL = 0.4;

export function findings({ points }: Pick<ClassesResult, "points">): Finding[] {
  const [first, last] = [points[0]!, points.at(-1)!];
  const slope = slopeEstimate(
    points.map(({ classes }) => classes),
    points.map(({ adversarialError }) => adversarialError),
  );
  const allAbove = (bound: number) =>
    allOf(...points.map(({ evenness }) => isAbove(evenness, bound)));
  return [
    {
      paper: "Shows AAI and E⁽²⁾ over the number of digit classes.",
      found:
        `With ${first.classes} classes: ${describeQuality(first)}. With ${last.classes}: ` +
        `${describeQuality(last)}. AAI changes by ${formatEstimate(slope)} per class.`,
      verdict: "not-claimed",
    },
    {
      paper: "One machine generates images of several kinds.",
      found:
        `The evenness of the generated classes, 1 where all are equally frequent, is ` +
        `${points.map(({ evenness, classes }) => `${formatEstimate(evenness)} with ${classes}`).join(", ")}.`,
      verdict: verdictOf(allAbove(EVEN), allAbove(SEVERAL)),
    },
  ];
}
