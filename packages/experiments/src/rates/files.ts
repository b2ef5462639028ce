// Tried learning rates as a table and a figure.
import { join } from "node:path";
import { csvText, curves, type NumbersRow } from "@neural-langevin/figures";
import type { StopMeasure } from "@neural-langevin/runs";
import { writeWhole } from "@neural-langevin/runs/node";
import type { TriedRate } from "./try-rates.js";

/** The files that `writeRates` writes. */
export const ratesFiles = (folder: string): [csv: string, svg: string, png: string] => [
  join(folder, "rates.csv"),
  join(folder, "rates.svg"),
  join(folder, "rates.png"),
];

/**
 * Writes rates.csv, every measure of every rate, and the measure that decides over the rates as rates.svg and rates.png,
 * with bars of one standard error.
 *
 * @throws unavailable, for what the system refuses
 */
export async function writeRates(
  folder: string,
  tried: readonly TriedRate[],
  measure: StopMeasure,
  renderPng: (svg: string, zoom: number) => Promise<Uint8Array>,
): Promise<string[]> {
  const [csv, svg, png] = ratesFiles(folder);
  const rows = tried.map(
    ({ rate, diverged, measures }): NumbersRow => ({
      rate,
      "diverged after update": diverged,
      ...Object.fromEntries(
        Object.entries(measures).map(([name, value]) => [name, value ?? Number.NaN]),
      ),
    }),
  );
  await writeWhole(csv, csvText(rows));
  const y = tried.map(({ measures }) => measures[measure] ?? Number.NaN);
  if (!y.some(Number.isFinite)) return [csv];
  const errors = tried.map(({ measures }) => measures[`${measure}_error`] ?? 0);
  const figure = curves({
    xTitle: "learning rate",
    xLogarithmic: true,
    plots: [
      {
        title: `${measure} on held-out data`,
        series: [
          {
            name: measure,
            x: tried.map(({ rate }) => rate),
            y,
            low: y.map((value, at) => value - errors[at]!),
            high: y.map((value, at) => value + errors[at]!),
            bars: true,
          },
        ],
      },
    ],
  });
  await writeWhole(svg, figure);
  await writeWhole(png, await renderPng(figure, 2));
  return [csv, svg, png];
}
