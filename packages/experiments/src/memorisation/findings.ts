// Whether few images are memorised and many are not, where the transition lies, and what the accuracies do there.
import { type Estimate, formatEstimate, formatShare } from "@neural-langevin/analysis";
import { difference, overRuns, scaled } from "../estimates.js";
import type { Finding, Verdict } from "../experiment.js";
import { allOf, anyOf, isAbove, isBelow, verdictOf } from "../verdict.js";
import type { MemorisationPoint, MemorisationResult } from "./measure.js";
import { MARKED_IMAGES } from "./settings.js";

/** Shares of copies above and below which images count as memorised and as not memorised. */
const MEMORISED = 0.5;
const NOT_MEMORISED = 0.1;
/** An accuracy counts as risen by more than this. */
const RISEN = 0.25;

export function findings({ points }: Pick<MemorisationResult, "points">): Finding[] {
  const numbers = [...new Set(points.map(({ images }) => images))];
  const over = (images: number, of: (point: MemorisationPoint) => Estimate) =>
    overRuns(points.filter((point) => point.images === images).map(of));
  const shares = numbers.map((images) => ({
    images,
    memorised: over(images, ({ memorised }) => memorised),
  }));
  const [few, many] = [shares[0]!, shares.at(-1)!];
  const ratio = (images: number) => formatEstimate(over(images, ({ medianRatio }) => medianRatio));
  const real = (images: number) => over(images, ({ realAccuracy }) => realAccuracy);
  const generated = (images: number) => over(images, ({ generatedAccuracy }) => generatedAccuracy);
  const accuracies = (images: number) =>
    `A_S is ${formatEstimate(real(images))} and A_T ${formatEstimate(generated(images))} with P = ${images}`;
  const half = transition(shares);
  const rises = [real, generated].map((of) =>
    isAbove(difference(of(many.images), of(few.images)), RISEN),
  );
  return [
    {
      paper: "Few training images are memorised; with many, samples are not copies of them.",
      found:
        `${formatShare(few.memorised)} of the samples are copies with P = ${few.images}, and ` +
        `${formatShare(many.memorised)} with P = ${many.images}; the median of d₁/d₂ is ${ratio(few.images)} and ` +
        `${ratio(many.images)}. Of images that were not learned, ` +
        `${formatShare(overRuns(points.map(({ heldOut }) => heldOut)))} would count as copies.`,
      verdict: verdictOf(
        allOf(isAbove(few.memorised, MEMORISED), isBelow(many.memorised, NOT_MEMORISED)),
        isBelow(many.memorised, scaled(few.memorised, 0.5)),
      ),
    },
    {
      paper: `Marks P = ${MARKED_IMAGES} in its plots of the transition.`,
      found: Number.isFinite(half.value)
        ? `The share of copies falls below a half at P = ${formatEstimate(half)}.`
        : "The share of copies does not cross a half among these numbers of images.",
      verdict: transitionVerdict(half),
    },
    {
      paper: "A_S and A_T are near 0 where samples are copies, and rise where they are not.",
      found: `${accuracies(few.images)}; ${accuracies(many.images)}.`,
      verdict: verdictOf(allOf(...rises), anyOf(...rises)),
    },
  ];
}

/**
 * Where the share of copies falls below ½, on a line over log P between two numbers of images, with the error that those of
 * the two shares leave; NaN if it does not.
 */
export function transition(
  shares: readonly { readonly images: number; readonly memorised: Estimate }[],
): Estimate {
  for (let at = 1; at < shares.length; at++) {
    const [before, after] = [shares[at - 1]!, shares[at]!];
    const [high, low] = [before.memorised.value, after.memorised.value];
    if (high < 0.5 || low >= 0.5) continue;
    const span = Math.log(after.images / before.images);
    const value = before.images * Math.exp((span * (high - 0.5)) / (high - low));
    // d(log P) by both shares, from the line's two ends.
    const slope = span / (high - low) ** 2;
    const errors = [
      (0.5 - low) * before.memorised.standardError,
      (high - 0.5) * after.memorised.standardError,
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
