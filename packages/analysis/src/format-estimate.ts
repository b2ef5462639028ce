// Numbers with standard errors as people read them: with as many digits as the error leaves.
import type { Estimate } from "./statistics.js";

/** A number: three significant digits, thousands in groups; a dash where it is not finite. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value !== 0 && (Math.abs(value) < 0.01 || Math.abs(value) >= 1e6)) {
    return value.toExponential(2);
  }
  return Math.abs(value) >= 100
    ? Math.round(value).toLocaleString("en-GB")
    : String(Number(value.toPrecision(3)));
}

/**
 * A value with its standard error, whose first digit tells how many digits of both are shown: `0.58 ± 0.05`. Where there
 * is no error, the value alone.
 */
export function formatEstimate({ value, standardError }: Estimate): string {
  const isBare = !Number.isFinite(value) || !Number.isFinite(standardError) || standardError === 0;
  if (isBare) return formatNumber(value);
  const decimals = decimalsOf(standardError);
  return `${value.toFixed(decimals)} ± ${standardError.toFixed(decimals)}`;
}

/** A share with its standard error in percent: `58 ± 5 %`. */
export const formatShare = ({ value, standardError }: Estimate): string =>
  `${formatEstimate({ value: 100 * value, standardError: 100 * standardError })} %`;

/** Decimals of an error's first digit; a leading 1 takes one more: 0.14 and 0.06 are both within a tenth. */
function decimalsOf(standardError: number): number {
  const exponent = Math.floor(Math.log10(standardError));
  const leading = standardError / 10 ** exponent;
  return Math.min(Math.max(0, (leading < 1.95 ? 1 : 0) - exponent), 12);
}
