// The pictures of a run.
import { decodeStates } from "@neural-langevin/datasets";
import { curves, imageGrid, type Panel, type Picture, panels } from "@neural-langevin/figures";
import { renderPng } from "@neural-langevin/figures/node";
import type { RunFolder } from "@neural-langevin/runs/node";

/** A square grid of the first images. */
export function gridOf(
  pixels: Uint8Array,
  size: { width: number; height: number },
  columns: number,
  rows: number,
): Picture {
  const { width, height } = size;
  const shown = pixels.subarray(0, columns * rows * width * height);
  const scale = Math.max(1, Math.round(28 / Math.max(width, height)));
  return imageGrid({ pixels: shown, width, height, columns, scale });
}

/** A grid of generated states. */
export const gridOfStates = (
  states: Float32Array,
  size: { width: number; height: number },
  columns: number,
  rows: number,
): Picture => gridOf(decodeStates(states), size, columns, rows);

/** Grey levels of firing rates, from 0 (−1) to 255 (1). */
export const levelsOfRates = (rates: Float32Array): Uint8Array =>
  Uint8Array.from(rates, (rate) => Math.round((255 * (rate + 1)) / 2));

/** Draws panels side by side. */
export const drawPanels = (row: readonly Panel[]): Promise<Uint8Array> => renderPng(panels(row), 2);

/** Draws the course of a training as SVG and PNG into its run; returns the PNG's path. */
export async function drawTrainingCurve(run: RunFolder, stem: string): Promise<string> {
  const rows = run.metrics;
  const x = rows.map((row) => row.update);
  const series = (name: string, key: string) => ({
    name,
    x,
    y: rows.map((row) => row[key] ?? Number.NaN),
  });
  const hasChains = rows.some((row) => typeof row.chainEnergy === "number");
  const svg = curves({
    xTitle: "updates",
    plots: [
      {
        title: "Mean energy E",
        series: [
          series("data", "dataEnergy"),
          ...(hasChains ? [series("chains", "chainEnergy")] : []),
        ],
      },
      {
        title: "Norm of the gradient of −log L",
        logarithmic: true,
        series: [series("couplings", "couplingsGradient"), series("bias", "biasGradient")],
      },
    ],
  });
  await run.writeFile(`${stem}.svg`, svg);
  return run.writeFile(`${stem}.png`, await renderPng(svg, 2));
}
