// The course of a training, as its metrics tell it.
import { curves } from "@neural-langevin/figures";
import type { MetricsRow } from "@neural-langevin/runs";

/** Draws energies of data and chains, and the norms of the gradient, over the updates, as SVG. */
export function trainingCurve(rows: readonly MetricsRow[]): string {
  const x = rows.map((row) => row.update);
  const series = (name: string, key: string) => ({
    name,
    x,
    y: rows.map((row) => row[key] ?? Number.NaN),
  });
  const hasChains = rows.some((row) => typeof row.chainEnergy === "number");
  const chains = hasChains ? [series("chains", "chainEnergy")] : [];
  return curves({
    xTitle: "updates",
    plots: [
      { title: "Mean energy E", series: [series("data", "dataEnergy"), ...chains] },
      {
        title: "Norm of the gradient of −log L",
        logarithmic: true,
        series: [series("couplings", "couplingsGradient"), series("bias", "biasGradient")],
      },
    ],
  });
}
