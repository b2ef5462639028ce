// The course of a training, as its metrics tell it.
import { curves, type Series } from "@neural-langevin/figures";
import type { MetricsRow } from "@neural-langevin/runs";
import { estimatesOf, withBand } from "./estimates.js";

/**
 * Draws energies of data and chains, and the norms of the gradient, over the updates, as SVG; and where the training was
 * evaluated on held-out images, their measures with a band of one standard error to both sides.
 *
 * @throws invalid-value, where there is nothing to draw
 */
export function trainingCurve(
  metrics: readonly MetricsRow[],
  evaluations: readonly MetricsRow[] = [],
): string {
  const series = (name: string, key: string): Series => ({
    name,
    x: metrics.map((row) => row.update),
    y: metrics.map((row) => row[key] ?? Number.NaN),
  });
  const chains = isMeasured(metrics, "chainEnergy") ? [series("chains", "chainEnergy")] : [];
  return curves({
    xTitle: "updates",
    plots: [
      { title: "Mean energy E", series: [series("data", "dataEnergy"), ...chains] },
      {
        title: "Norm of the gradient of −log L",
        logarithmic: true,
        series: [series("couplings", "couplingsGradient"), series("bias", "biasGradient")],
      },
      ...heldOut.flatMap(({ title, measures }) => {
        const known = Object.entries(measures).filter(([key]) => isMeasured(evaluations, key));
        const drawn = known.map(([key, name]) => measured(evaluations, name, key));
        return drawn.length > 0 ? [{ title, series: drawn }] : [];
      }),
    ],
  });
}

/** Plots of held-out measures: the names of their rows, and what the curves are called. */
const heldOut: readonly { title: string; measures: Readonly<Record<string, string>> }[] = [
  {
    title: "Nearest neighbours of the same kind, held-out images: ½ where both are alike",
    measures: { A_S: "A_S (real)", A_T: "A_T (generated)" },
  },
  {
    title: "Share of the generated digits",
    measures: { legible: "legible", inverted: "inverted", empty: "empty", broken: "broken" },
  },
  {
    title: "Fréchet distance to the held-out digits",
    measures: { frechetDistance: "distance" },
  },
];

const isMeasured = (rows: readonly MetricsRow[], key: string): boolean =>
  rows.some((row) => typeof row[key] === "number");

function measured(rows: readonly MetricsRow[], name: string, key: string): Series {
  const x = rows.map((row) => row.update);
  return withBand(
    name,
    x,
    rows.map((row) => estimatesOf([key], row)[key]!),
  );
}
