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

/** Measures by their names in files, and what they are, in a line each. */
const meaningsOfNames: Readonly<Record<string, string>> = {
  A_S: meanings.A_S!,
  A_T: meanings.A_T!,
  AAI: meanings.AAI!,
  E2: `E⁽²⁾, ${meanings["E⁽²⁾"]}`,
  legible: "share of the images in which a judge of MNIST's digits sees a learned digit",
  inverted: "share of the images that show a digit dark on bright",
  empty: "share of the images that show nothing",
  broken: "share of the images that show something else than a digit",
  frechetDistance: meanings.FID!,
  varianceRatio: "variance within a digit over that of real digits",
  nearestRatio: "distance to the nearest learned image over that of real digits; 0 for copies",
  virialRatio: "⟨x·∇E⟩/(NT); 1 in equilibrium at a small step size",
  dataEnergy: "⟨E⟩ over a batch of data",
  chainEnergy: "⟨E⟩ over the chains",
  couplingsGradient: "‖∂(−log L)/∂J‖ of one update",
  biasGradient: "‖∂(−log L)/∂b‖ of one update",
  swapRate: "share of accepted swaps of tempered chains",
};

/** What some measures are, by their names in files such as `metrics.jsonl`, as far as they have a meaning of their own. */
export const meaningsOf = (names: readonly string[]): readonly (readonly [string, string])[] =>
  names.flatMap((name) => {
    if (name.startsWith("digit_")) return [[name, "share of that digit among the legible ones"]];
    if (name.startsWith("class_"))
      return [[name, "share of that label by 5 nearest learned images"]];
    const meaning = meaningsOfNames[name];
    return meaning === undefined ? [] : [[name, meaning]];
  });

/** The symbols that some sentences use, and what they mean. */
export const meaningsIn = (sentences: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(meanings).filter(([symbol]) =>
      sentences.some((sentence) => sentence.includes(symbol)),
    ),
  );
