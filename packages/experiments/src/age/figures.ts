// Legibility, distance and energy over the length of generation, and images.
import type { Estimate } from "@neural-langevin/analysis";
import { curves, filmStrip } from "@neural-langevin/figures";
import { zoomTo } from "../drawing.js";
import { BANDS, numbersOf, withBand } from "../estimates.js";
import type { Figure, Table } from "../experiment.js";
import type { AgePoint, AgeResult } from "./measure.js";

export const tables = ({ curves: all }: AgeResult): Table[] => [
  {
    name: "age",
    caption:
      "What machines generate over the length of generation, by the age of their training's chains; errors are those of the images drawn",
    rows: all.flatMap(({ age, points }) =>
      points.map(({ steps, ...measures }) => ({ age, steps, ...numbersOf(measures) })),
    ),
  },
];

export function figures({ curves: all, films, steps, width, height }: AgeResult): Figure[] {
  const series = (of: (point: AgePoint) => Estimate) =>
    all.map(({ age, points }) => {
      const x = points.map((point) => point.steps);
      return withBand(`age ${age}`, x, points.map(of));
    });
  return [
    {
      name: "age",
      caption: `Legible images, Fréchet distance to held-out ones and energy over the steps of generation, by the age of training's chains; ${BANDS}`,
      svg: curves({
        xTitle: "steps of generation",
        xLogarithmic: true,
        plots: [
          {
            title: "Share of legible images",
            series: series(({ legible }) => legible),
          },
          {
            title: "Fréchet distance",
            logarithmic: true,
            series: series(({ frechetDistance }) => frechetDistance),
          },
          { title: "Energy per unit", logarithmic: true, series: series(({ energy }) => energy) },
        ],
      }),
    },
    {
      name: "film",
      caption: "Three chains of each machine over the steps of generation",
      svg: filmStrip({
        title: "Images over the steps of generation",
        width,
        height,
        columns: steps.map(String),
        rows: films,
        scale: zoomTo(42, width),
      }),
    },
  ];
}
