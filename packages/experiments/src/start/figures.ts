// Stiffness around x = 0, legibility over compute, and images.
import type { Estimate } from "@neural-langevin/analysis";
import { curves, type Series } from "@neural-langevin/figures";
import { imageRows } from "../drawing.js";
import { BANDS, numbersOf, withBand } from "../estimates.js";
import type { Figure, Table } from "../experiment.js";
import type { StartCurve, StartPoint, StartResult } from "./measure.js";

/** Directions with λ below this count as soft: noiseless x takes more than ten units of time to relax along them. */
export const SOFT = 0.1;

/** What a spectrum says in numbers. */
export const softness = (eigenvalues: Float64Array) => ({
  softest: eigenvalues[0]!,
  stiffest: eigenvalues.at(-1)!,
  soft: eigenvalues.filter((value) => value < SOFT).length,
  slowest: 1 / eigenvalues[0]!,
});

export const tables = ({ curves: all }: StartResult): Table[] => [
  {
    name: "stiffness",
    caption: `Eigenvalues λ of (1 − J)ᵀ(1 − J) before and after training: the least, the greatest, how many are below ${SOFT}, and the slowest relaxation time 1/λ`,
    rows: all.flatMap(({ name, before, after }) => [
      { start: name, moment: "before", ...softness(before) },
      { start: name, moment: "after", ...softness(after) },
    ]),
  },
  {
    name: "legibility",
    caption: "What the machines generate along training, with standard errors of the images drawn",
    rows: all.flatMap(({ name, "step-size": dt, points }) =>
      points.map(({ update, flop, ...measures }) => ({
        start: name,
        dt,
        update,
        flop,
        ...numbersOf(measures),
      })),
    ),
  },
];

const titleOf = ({ couplings, gain }: StartCurve): string => `${couplings}, g = ${gain}`;

export function figures({ curves: all, steps, films, width, height }: StartResult): Figure[] {
  const spectrum = (of: (curve: StartCurve) => Float64Array): Series[] =>
    all.map((curve) => {
      const values = [...of(curve)];
      return {
        name: titleOf(curve),
        x: values.map((_, rank) => (rank + 0.5) / values.length),
        y: values,
      };
    });
  const overWork = (of: (point: StartPoint) => Estimate) =>
    all.map((curve) => {
      const x = curve.points.map(({ flop }) => flop / 1e12);
      return withBand(titleOf(curve), x, curve.points.map(of));
    });
  return [
    {
      name: "stiffness",
      caption:
        "Eigenvalues of (1 − J)ᵀ(1 − J) in ascending order, before and after training; the slowest time of relaxation is 1/λ",
      svg: curves({
        xTitle: "share of the directions",
        plots: [
          {
            title: "λ before training",
            series: spectrum(({ before }) => before),
            logarithmic: true,
          },
          { title: "λ after training", series: spectrum(({ after }) => after), logarithmic: true },
        ],
      }),
    },
    {
      name: "legibility",
      caption: `Legible images, the rarest digit among them, and the Fréchet distance to held-out images, over the compute of training; ${BANDS}`,
      svg: curves({
        xTitle: "TFLOP of training",
        plots: [
          {
            title: "Share of legible images",
            series: overWork(({ legible }) => legible),
          },
          {
            // A machine that makes one digit well can be read in every image.
            title: "Share of the rarest digit among them",
            series: overWork(({ rarest }) => rarest),
          },
          {
            title: "Fréchet distance",
            logarithmic: true,
            series: overWork(({ frechetDistance }) => frechetDistance),
          },
        ],
      }),
    },
    {
      name: "images",
      caption: `Images at T = 1 after ${steps} steps, after all updates`,
      svg: imageRows({
        title: `Images after ${steps} steps`,
        rows: films,
        width,
        height,
        size: 42,
      }),
    },
  ];
}
