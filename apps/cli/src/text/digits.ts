// Measures of generated digits, in words.
import { type DigitMeasures, formatEstimate, formatShare } from "@neural-langevin/analysis";
import { wrapText, wrapValues } from "./format.js";

const legend =
  "(legible: shares of images that the judge reads as a digit, or finds to be dark on bright, nothing, or no digit; FID: " +
  "Fréchet distance of the judge's features to those of real digits, 0 is best; variance and nearest image: over those of " +
  "real digits, copies have a nearest image of 0)";

/** What the digit measures are. */
export const digitLegend = (width: number): string => `  ${wrapText(legend, width - 2, "  ")}`;

/** Digit measures in lines for people. */
export function describeDigits(measures: DigitMeasures, width: number): string[] {
  const { asked, legible, inverted, empty, broken, classShares } = measures;
  const lowest = Object.entries(asked?.each ?? {}).sort(([, a], [, b]) => a.value - b.value)[0];
  const shares = Object.entries(classShares).map(([digit, of]) => `${digit}: ${formatShare(of)}`);
  const lines = [
    ...(asked
      ? [
          `asked and legible ${formatEstimate(asked.all)}` +
            `  (lowest: ${lowest![0]}, ${formatEstimate(lowest![1])})`,
        ]
      : []),
    `legible ${formatEstimate(legible)}  inverted ${formatEstimate(inverted)}  ` +
      `empty ${formatEstimate(empty)}  broken ${formatEstimate(broken)}`,
    `FID ${formatEstimate(measures.frechetDistance)}  variance within a digit ` +
      `${formatEstimate(measures.varianceRatio)}  nearest image ${formatEstimate(measures.nearestRatio)}  (real: 1)`,
    ...(asked || legible.value === 0 ? [] : [`digits among the legible:  ${shares.join("  ")}`]),
  ];
  return lines.map((line) => wrapValues(line, width));
}
