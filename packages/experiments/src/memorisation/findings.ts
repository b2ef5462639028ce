// Whether few images are memorised and many are not, where the transition lies, and what the accuracies do there.
import { mean } from "@neural-langevin/analysis";
import type { Finding, Verdict } from "../experiment.js";
import { fixed, percent } from "../format.js";
import type { MemorisationPoint, MemorisationResult } from "./measure.js";
import { MARKED_IMAGES } from "./settings.js";

/** Shares of copies above and below which images count as memorised and as not memorised. */
const MEMORISED = 0.5;
const NOT_MEMORISED = 0.1;
/** An accuracy counts as risen by more than this. */
const RISEN = 0.25;

/** The middle one of some values, the upper of two. */
export const median = (values: Float64Array): number => values.slice().sort()[values.length >> 1]!;

export function findings({ points }: Pick<MemorisationResult, "points">): Finding[] {
  const numbers = [...new Set(points.map(({ images }) => images))];
  const over = (images: number, of: (point: MemorisationPoint) => number) =>
    mean(points.filter((point) => point.images === images).map(of));
  const shares = numbers.map((images) => ({
    images,
    memorised: over(images, ({ memorised }) => memorised),
  }));
  const [few, many] = [shares[0]!, shares.at(-1)!];
  const ratio = (images: number) =>
    fixed(
      over(images, ({ ratios }) => median(ratios)),
      2,
    );
  const real = (images: number) => over(images, ({ realAccuracy }) => realAccuracy);
  const generated = (images: number) => over(images, ({ generatedAccuracy }) => generatedAccuracy);
  const accuracies = (images: number) =>
    `A_S is ${fixed(real(images), 2)} and A_T ${fixed(generated(images), 2)} with P = ${images}`;
  const half = transition(shares);
  const rises = [real, generated].filter((of) => of(many.images) - of(few.images) > RISEN).length;
  return [
    {
      paper: "Few training images are memorised; with many, samples are not copies of them.",
      found:
        `${percent(few.memorised)} of the samples are copies with P = ${few.images}, and ` +
        `${percent(many.memorised)} with P = ${many.images}; the median of d₁/d₂ is ${ratio(few.images)} and ` +
        `${ratio(many.images)}. Of images that were not learned, ` +
        `${percent(mean(points.map(({ heldOut }) => heldOut)))} would count as copies.`,
      verdict:
        few.memorised > MEMORISED && many.memorised < NOT_MEMORISED
          ? "yes"
          : many.memorised < few.memorised / 2
            ? "partly"
            : "no",
    },
    {
      paper: `Marks P = ${MARKED_IMAGES} in its plots of the transition.`,
      found: Number.isFinite(half)
        ? `The share of copies falls below a half at P ≈ ${fixed(half, 0)}.`
        : "The share of copies does not cross a half among these numbers of images.",
      verdict: transitionVerdict(half),
    },
    {
      paper: "A_S and A_T are near 0 where samples are copies, and rise where they are not.",
      found: `${accuracies(few.images)}; ${accuracies(many.images)}.`,
      verdict: rises === 2 ? "yes" : rises === 1 ? "partly" : "no",
    },
  ];
}

/** Where the share of copies falls below ½, on a line over log P between two numbers of images; NaN if it does not. */
export function transition(
  shares: readonly { readonly images: number; readonly memorised: number }[],
): number {
  for (let at = 1; at < shares.length; at++) {
    const [before, after] = [shares[at - 1]!, shares[at]!];
    if (before.memorised < 0.5 || after.memorised >= 0.5) continue;
    const share = (before.memorised - 0.5) / (before.memorised - after.memorised);
    return before.images * (after.images / before.images) ** share;
  }
  return Number.NaN;
}

/** Within a factor of two of the number that the paper marks, elsewhere, or nowhere. */
function transitionVerdict(images: number): Verdict {
  if (!Number.isFinite(images)) return "no";
  return images > MARKED_IMAGES / 2 && images < 2 * MARKED_IMAGES ? "yes" : "partly";
}
