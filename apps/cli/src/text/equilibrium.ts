// Whether sampled chains are in equilibrium, in words.
import type { Evaluation } from "@neural-langevin/experiments";
import { alignTable, formatEstimate, formatNumber, wrapText } from "./format.js";

const LEGEND =
  "(τ: integrated autocorrelation time; ESS: as many independent values say as much; R̂: 1 where chains agree)";

/** The observables as a table and the verdict in words, for people. */
export function describeEquilibrium(
  equilibrium: NonNullable<Evaluation["equilibrium"]>,
  width: number,
): string[] {
  const { frames, every, meter, observables } = equilibrium;
  const head = ["", "mean ± s.e.", "τ in steps", "ESS", "bulk ESS", "R̂"];
  const rows = Object.entries(observables).map(([name, report]) => [
    name,
    formatEstimate(report),
    formatNumber(report.integratedTime * every),
    formatNumber(Math.round(report.effectiveSampleSize)),
    formatNumber(Math.round(report.bulkEffectiveSampleSize)),
    report.rhat.toFixed(3),
  ]);
  const meterLine = meter ? [`  ⟨x·∇E⟩/(NT) ${formatEstimate(meter)}`] : [];
  const paragraphs = equilibrium.equilibrated
    ? [equilibrium.summary]
    : ["Not equilibrated:", ...equilibrium.reasons.map((reason) => `– ${reason}`)];
  return [
    `Equilibrium (${frames} frames, one every ${every} steps)`,
    ...alignTable([head, ...rows]),
    `  ${wrapText(LEGEND, width - 2, "  ")}`,
    ...meterLine,
    ...paragraphs.map((paragraph) => {
      const hanging = paragraph.startsWith("– ") ? "  " : "";
      return `  ${wrapText(paragraph, width - 4, hanging).replaceAll("\n", "\n  ")}`;
    }),
  ];
}
