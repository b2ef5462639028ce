// The pictures that commands write.
import { trainingCurve } from "@neural-langevin/experiments";
import { figureNumbers } from "@neural-langevin/figures";
import { renderPng } from "@neural-langevin/figures/node";
import type { RunFolder } from "@neural-langevin/runs/node";

/** Draws the course of a training as SVG and PNG into its run; returns the PNG's path. */
export async function drawTrainingCurve(run: RunFolder, stem: string): Promise<string> {
  const svg = trainingCurve(run.metrics, run.evaluations);
  await run.writeFile(`${stem}.svg`, svg);
  await run.writeFile(`${stem}.csv`, figureNumbers(svg)!);
  return run.writeFile(`${stem}.png`, await renderPng(svg, 2));
}
