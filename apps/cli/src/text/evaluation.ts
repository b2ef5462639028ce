// Measures of generated images, in words.
import { formatShare } from "@neural-langevin/analysis";
import { type Evaluation, meaningsOf } from "@neural-langevin/experiments";
import type { MetricsRow } from "@neural-langevin/runs";
import { describeDigits, digitLegend } from "./digits.js";
import { describeEquilibrium } from "./equilibrium.js";
import { describeTerm, formatEstimate, wrapText, wrapValues } from "./format.js";
import { describeLikelihood } from "./likelihood.js";
import { describeTempering } from "./tempering.js";

/** Characters of a measure with its error, with space after it. */
const ROOM = 28;

/** An evaluation of a machine of so many units, in lines for people. */
export function describeEvaluation(
  machine: string,
  evaluation: Evaluation,
  units: number,
  width: number,
): string {
  const { images, A_S, A_T, AAI, classes, digits, temperature } = evaluation;
  const { virialRatio, virialRatioError, equilibrium, likelihood } = evaluation;
  const mix = Object.entries(classes ?? {}).map(
    ([label, share]) => `${label}: ${formatShare(share)}`,
  );
  const errors = evaluation.standardErrors;
  const measured = {
    A_S: [A_S, errors.A_S],
    A_T: [A_T, errors.A_T],
    AAI: [AAI, errors.AAI],
    E2: [evaluation.covarianceError, errors.covarianceError],
  } as const;
  const asked = evaluation.asked ? `, asked for ${evaluation.asked.join(", ")},` : "";
  const against = `(${images} images${asked} against ${images} held-out ones)`;
  return [
    wrapText(`${machine}, T = ${temperature} ${against}`, width, "  "),
    ...meaningsOf(Object.keys(measured)).map(([name, meaning]) => {
      const [value, standardError] = measured[name as keyof typeof measured];
      const estimate = formatEstimate({ value, standardError });
      return describeTerm(`  ${name.padEnd(4)} ${estimate}`, meaning, ROOM, width);
    }),
    ...(mix.length > 0
      ? [wrapValues(`classes, by the 5 nearest training images  ${mix.join("  ")}`, width)]
      : []),
    ...(digits
      ? [...describeDigits(digits, width), digitLegend(width)]
      : ["  Legibility is not judged: the judge reads MNIST's digits only."]),
    ...(virialRatio === null
      ? []
      : [
          `  ⟨x·∇E⟩/(NT) ${formatEstimate({ value: virialRatio, standardError: virialRatioError! })}` +
            "  (1 in equilibrium at a small step size)",
        ]),
    ...(evaluation.tempered ? describeTempering(evaluation.tempered) : []),
    ...(equilibrium ? describeEquilibrium(equilibrium, width) : []),
    ...(likelihood ? describeLikelihood(likelihood, units, width) : []),
  ].join("\n");
}

/** The measures of an evaluation along a training, in one line for people. */
export const describeEvaluationRow = (row: MetricsRow): string =>
  `Update ${row.update}, held-out: ${describeMeasures(row)}`;

/** What some measures are, a line each, by their names in files. */
export const describeMeanings = (names: readonly string[], width: number): string =>
  meaningsOf(names)
    .map(([name, meaning]) => describeTerm(`  ${name}`, meaning, 20, width))
    .join("\n");

/** Measures that a training shows along its way, by their symbols. */
const shown = { A_S: "A_S", A_T: "A_T", E2: "E⁽²⁾", legible: "legible", frechetDistance: "FID" };

/** A number of a row with its standard error. */
export const describeColumn = (row: MetricsRow, name: string): string =>
  formatEstimate({
    value: row[name] ?? Number.NaN,
    standardError: row[`${name}_error`] ?? Number.NaN,
  });

/** Held-out measures in one line; those of chains that diverge are none. */
export function describeMeasures(row: MetricsRow): string {
  const parts = Object.entries(shown).flatMap(([name, label]) =>
    typeof row[name] === "number" ? [`${label} ${describeColumn(row, name)}`] : [],
  );
  return parts.length > 0 ? parts.join("  ") : "the chains diverge";
}
