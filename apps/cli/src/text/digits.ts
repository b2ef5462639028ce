// Measures of generated digits, in words.
import type { DigitMeasures, Estimate } from "@neural-langevin/analysis";

/** A value with its standard error. */
export const withError = ({ value, standardError }: Estimate, digits = 2): string =>
  `${value.toFixed(digits)} ± ${standardError.toFixed(digits)}`;

/** Digit measures in lines for people. */
export function describeDigits(measures: DigitMeasures): string[] {
  const { asked, legible, inverted, empty, broken, classShares } = measures;
  const lowest = Object.entries(asked?.each ?? {}).sort(([, a], [, b]) => a.value - b.value)[0];
  const perCent = ({ value, standardError }: Estimate) =>
    `${Math.round(100 * value)} ± ${Math.round(100 * standardError)}`;
  const shares = Object.entries(classShares).map(([digit, of]) => `${digit}: ${perCent(of)}`);
  return [
    ...(asked
      ? [
          `  asked and legible ${withError(asked.all)}` +
            `  (lowest: ${lowest![0]}, ${withError(lowest![1])})`,
        ]
      : []),
    `  legible ${withError(legible)}  inverted ${withError(inverted)}  ` +
      `empty ${withError(empty)}  broken ${withError(broken)}`,
    `  FID ${withError(measures.frechetDistance, 1)}  variance within a digit ` +
      `${withError(measures.varianceRatio)}  nearest image ${withError(measures.nearestRatio)}  (real: 1)`,
    ...(asked ? [] : [`  digits in % of the legible: ${shares.join("  ")}`]),
  ];
}
