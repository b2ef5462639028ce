// Whether few images are memorised and many are not, where the transition lies, and what the accuracies do there. Copies at
// T = 1 carry the thermal noise of their pixels, which is d₁ of a perfect copy, so that few of them have d₁/d₂ < ⅓ although
// anyone sees what they copy. The distance is therefore held against that of images that were not learned; this was chosen when
// samples had been looked at, and its level, 1, is what images that nobody copied have.
import { type Estimate, formatEstimate, formatShare } from "@neural-langevin/analysis";
import { difference, overRuns, scaled } from "../estimates.js";
import type { Finding, Verdict } from "../experiment.js";
import { allOf, anyOf, isAbove, isBelow, verdictOf } from "../verdict.js";
import type { MemorisationPoint, MemorisationResult } from "./measure.js";
import { MARKED_IMAGES } from "./settings.js";

/**
 * Distances to the nearest training image, over those of images that were not learned, below and above which samples count
 * as copies and as none.
 */
const COPIES = 0.5;
const NO_COPIES = 0.9;
/** An accuracy counts as risen by more than this. */
const RISEN = 0.25;

export function findings({ points }: Pick<MemorisationResult, "points">): Finding[] {
  const numbers = [...new Set(points.map(({ images }) => images))];
  const over = (images: number, of: (point: MemorisationPoint) => Estimate) =>
    overRuns(points.filter((point) => point.images === images).map(of));
  const distances = numbers.map((images) => ({
    images,
    value: over(images, ({ nearestRatio }) => nearestRatio),
  }));
  const [few, many] = [distances[0]!, distances.at(-1)!];
  const share = (images: number) => formatShare(over(images, ({ memorised }) => memorised));
  const ratio = (images: number) => formatEstimate(over(images, ({ medianRatio }) => medianRatio));
  const real = (images: number) => over(images, ({ realAccuracy }) => realAccuracy);
  const generated = (images: number) => over(images, ({ generatedAccuracy }) => generatedAccuracy);
  const accuracies = (images: number) =>
    `A_S is ${formatEstimate(real(images))} and A_T ${formatEstimate(generated(images))} with P = ${images}`;
  const equal = transition(distances, 1);
  const rises = [real, generated].map((of) =>
    isAbove(difference(of(many.images), of(few.images)), RISEN),
  );
  return [
    {
      paper: "Few training images are memorised; with many, samples are not copies of them.",
      found:
        `Samples are ${formatEstimate(few.value)} times as far from the nearest training image as images that were not ` +
        `learned are with P = ${few.images}, and ${formatEstimate(many.value)} times with P = ${many.images}. At ` +
        `d₁/d₂ < ⅓ ${share(few.images)} of the samples are copies, and ${share(many.images)}, a measure that misses copies ` +
        "whose pixels have as much thermal noise as these; the median of d₁/d₂ is " +
        `${ratio(few.images)} and ${ratio(many.images)}. Of images that were not learned, ` +
        `${formatShare(overRuns(points.map(({ heldOut }) => heldOut)))} would count as copies.`,
      verdict: verdictOf(
        allOf(isBelow(few.value, COPIES), isAbove(many.value, NO_COPIES)),
        isAbove(many.value, scaled(few.value, 1.5)),
      ),
    },
    {
      paper: `Marks P = ${MARKED_IMAGES} in its plots of the transition.`,
      found: Number.isFinite(equal.value)
        ? `Samples are as far from what was learned as other images are at P = ${formatEstimate(equal)}.`
        : "Samples are nowhere as far from what was learned as other images are, among these numbers of images.",
      verdict: transitionVerdict(equal),
    },
    {
      paper: "A_S and A_T are near 0 where samples are copies, and rise where they are not.",
      found: `${accuracies(few.images)}; ${accuracies(many.images)}.`,
      verdict: verdictOf(allOf(...rises), anyOf(...rises)),
    },
  ];
}

/**
 * Where values first pass a level, on a line over log P between two numbers of images, with the error that those of the two
 * values leave; NaN if they do not.
 */
export function transition(
  points: readonly { readonly images: number; readonly value: Estimate }[],
  level: number,
): Estimate {
  for (let at = 1; at < points.length; at++) {
    const [before, after] = [points[at - 1]!, points[at]!];
    const [first, second] = [before.value.value, after.value.value];
    if (first < level === second < level) continue;
    const span = Math.log(after.images / before.images);
    const value = before.images * Math.exp((span * (level - first)) / (second - first));
    // d(log P) by both values, from the line's two ends.
    const slope = span / (second - first) ** 2;
    const errors = [
      (second - level) * before.value.standardError,
      (level - first) * after.value.standardError,
    ];
    return { value, standardError: value * slope * Math.hypot(...errors) };
  }
  return { value: Number.NaN, standardError: Number.NaN };
}

/** Within a factor of two of the number that the paper marks, elsewhere, or nowhere. */
function transitionVerdict(images: Estimate): Verdict {
  if (!Number.isFinite(images.value)) return "no";
  const near = allOf(isAbove(images, MARKED_IMAGES / 2), isBelow(images, 2 * MARKED_IMAGES));
  return verdictOf(near, true);
}
