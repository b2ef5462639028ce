// What the course of a training with a single chain says about the paper.
import type { Finding } from "./experiment.js";
import type { Course } from "./learning-course.js";
import { describeQuality } from "./quality.js";
import { fixed } from "./statistics.js";

/** E⁽²⁾ within this factor of that of real images counts as learned. */
const NEAR_REAL = 3;
/** A_T from here on counts as told apart from real images. */
const TOLD_APART = 0.9;

const percent = (share: number): string => `${fixed(100 * share, 0)} %`;

/** The findings, with what the paper says of its own setting. */
export function judgeCourse({ untrained, points, real }: Course, paper: string): Finding[] {
  const { update, quality } = points.at(-1)!;
  const learned = quality.covarianceError < NEAR_REAL * real.covarianceError;
  const mixes = quality.A_T < TOLD_APART;
  return [
    {
      paper,
      found:
        `After ${update} updates, images from noise have ${describeQuality(quality)}; those of an untrained ` +
        `machine ${describeQuality(untrained.quality)}, and real images ${describeQuality(real)}.`,
      agrees: learned && mixes ? "yes" : learned || mixes ? "partly" : "no",
    },
    {
      paper: "Nothing on negatives of digits.",
      found:
        `${percent(quality.negatives)} of the images from noise are negatives, and count as positives above. While ` +
        `the bias is small E(−x) ≈ E(x), and only chains that become negatives could teach it.`,
      agrees: "silent",
    },
  ];
}
