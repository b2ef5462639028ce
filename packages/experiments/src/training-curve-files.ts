// The course of a training as files of its run.
import { figureNumbers } from "@neural-langevin/figures";
import type { RunFolder } from "@neural-langevin/runs/node";
import { trainingCurve } from "./training-curve.js";

/**
 * Draws the course of a training into its run, as SVG, as PNG and as its numbers; returns the PNG's path.
 *
 * @throws invalid-value, where there is nothing to draw; exists, for a file of this name that the run did not write;
 *   unavailable; not-found
 */
export async function drawTrainingCurve(
  run: RunFolder,
  stem: string,
  renderPng: (svg: string, zoom: number) => Promise<Uint8Array>,
): Promise<string> {
  const svg = trainingCurve(run.metrics, run.evaluations);
  await run.writeFile(`${stem}.svg`, svg);
  await run.writeFile(`${stem}.csv`, figureNumbers(svg)!);
  return run.writeFile(`${stem}.png`, await renderPng(svg, 2));
}
