// How numbers are written in findings and captions, and what their symbols mean.
import { formatEstimate, formatShare, type QualityEstimate } from "@neural-langevin/analysis";

/** A number with some decimals, or a dash where it is not finite. */
export const fixed = (value: number, digits: number): string =>
  Number.isFinite(value) ? value.toFixed(digits) : "–";

/** A share in whole percent, for a setting or a bound, which has no error. */
export const percent = (share: number): string => `${fixed(100 * share, 0)} %`;

/** A_S, A_T, AAI, E⁽²⁾ and the share of negatives. */
export const describeQuality = (quality: QualityEstimate): string =>
  `A_S ${formatEstimate(quality.realAccuracy)}, A_T ${formatEstimate(quality.generatedAccuracy)}, ` +
  `AAI ${formatEstimate(quality.adversarialError)}, E⁽²⁾ ${formatEstimate(quality.covarianceError)}, ` +
  `${formatShare(quality.negativeShare)} negatives`;

/** Symbols of measures and what they are, in a line each. */
const meanings: Readonly<Record<string, string>> = {
  "±": "one standard error, of the draws of images and chains; a difference within two of them decides no verdict",
  A_S: "share of real images whose nearest neighbour is real; ½ where both sets are alike",
  A_T: "share of generated images whose nearest neighbour is generated; ½ where both sets are alike",
  AAI: "½[(A_S − ½)² + (A_T − ½)²]; 0 is best, 0.25 worst",
  "E⁽²⁾": "mean squared difference of the entries of the two covariance matrices",
  negatives: "images brighter than mid-grey, as no digit is",
  legible: "images in which a judge of MNIST's digits sees one of the learned digits",
  FID: "Fréchet distance to held-out images, in the judge's features",
  "Fréchet distance": "that to held-out images, in the features of the judge of digits",
  "d₁/d₂":
    "distance to the nearest training image over that to the second; below ⅓ a sample is a copy",
  "⟨x·∇E⟩/(NT)":
    "1 for the exact dynamics, so that its distance from 1 is an error of the step size",
};

/** The symbols that some sentences use, and what they mean. */
export const meaningsIn = (sentences: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(meanings).filter(([symbol]) =>
      sentences.some((sentence) => sentence.includes(symbol)),
    ),
  );
