// How quality changes with the number of classes, and whether all of them are generated.
import { leastSquaresSlope } from "@neural-langevin/analysis";
import type { Finding } from "../experiment.js";
import { describeQuality, fixed } from "../format.js";
import type { ClassesResult } from "./measure.js";

/** Evenness above which classes count as generated alike, and above which they count as generated at all. */
const EVEN = 0.8;
const SEVERAL = 0.4;

export function findings({ points }: Pick<ClassesResult, "points">): Finding[] {
  const [first, last] = [points[0]!, points.at(-1)!];
  const slope = leastSquaresSlope(
    points.map(({ classes }) => classes),
    points.map(({ adversarialError }) => adversarialError),
  );
  const least = Math.min(...points.map(({ evenness }) => evenness));
  return [
    {
      paper: "Shows AAI and E⁽²⁾ over the number of digit classes.",
      found:
        `With ${first.classes} classes: ${describeQuality(first)}. With ${last.classes}: ` +
        `${describeQuality(last)}. AAI changes by ${fixed(slope, 4)} per class.`,
      verdict: "not-claimed",
    },
    {
      paper: "One machine generates images of several kinds.",
      found:
        `The evenness of the generated classes, 1 where all are equally frequent, is ` +
        `${points.map(({ evenness, classes }) => `${fixed(evenness, 2)} with ${classes}`).join(", ")}.`,
      verdict: least > EVEN ? "yes" : least > SEVERAL ? "partly" : "no",
    },
  ];
}
