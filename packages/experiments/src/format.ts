// How numbers are written in findings, captions and tables.
import type { Quality } from "@neural-langevin/analysis";

/** A number with some decimals, or a dash where it is not finite. */
export const fixed = (value: number, digits: number): string =>
  Number.isFinite(value) ? value.toFixed(digits) : "–";

/** A share in whole percent. */
export const percent = (share: number): string => `${fixed(100 * share, 0)} %`;

/** A_S, A_T, AAI, E⁽²⁾ and the share of negatives. */
export const describeQuality = (quality: Quality): string =>
  `A_S ${fixed(quality.realAccuracy, 2)}, A_T ${fixed(quality.generatedAccuracy, 2)}, ` +
  `AAI ${fixed(quality.adversarialError, 4)}, E⁽²⁾ ${fixed(quality.covarianceError, 4)}, ` +
  `${percent(quality.negativeShare)} negatives`;
