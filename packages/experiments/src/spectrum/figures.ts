// Eigenvalues in the complex plane, and norms along training.
import { curves, page, scatter } from "@neural-langevin/figures";
import { levelLine } from "../drawing.js";
import type { Figure, Table } from "../experiment.js";
import type { CouplingsPoint, SpectrumResult } from "./measure.js";

/** Planes in a row, and the number of updates above which every second one is drawn. */
const COLUMNS = 3;
const MOST = 6;

export const tables = ({ points }: SpectrumResult): Table[] => [
  {
    name: "spectrum",
    caption:
      "The couplings along training, exact for the one machine that was trained; the last column is that of what was learned, J − J₀",
    rows: points.map(({ spectrum: _, ...row }) => row),
  },
];

export function figures({ points }: SpectrumResult): Figure[] {
  const reach = Math.max(...points.map(({ radius }) => radius));
  const shown = points.length > MOST ? points.filter((_, at) => at % 2 === 0) : points;
  const planes = shown.map(({ update, spectrum }) =>
    scatter({
      title: update === 0 ? "Before learning" : `After ${update} updates`,
      xTitle: "Re λ",
      yTitle: "Im λ",
      equal: true,
      reach,
      points: [{ name: "", x: spectrum.real, y: spectrum.imaginary }],
      circles: [{ radius: 1, name: "unit circle" }],
    }),
  );
  const rows = Array.from({ length: Math.ceil(planes.length / COLUMNS) }, (_, row) =>
    planes.slice(COLUMNS * row, COLUMNS * (row + 1)),
  );
  const [before, ...after] = points as [CouplingsPoint, ...CouplingsPoint[]];
  const x = after.map(({ update }) => update);
  const series = (name: string, of: (point: CouplingsPoint) => number) => [
    { name, x, y: after.map(of) },
    levelLine("before", x, of(before)),
  ];
  return [
    {
      name: "eigenvalues",
      caption: "Eigenvalues of J along training, all on one scale",
      svg: page(rows),
    },
    {
      name: "along-training",
      caption: "Norm, spectral radius and reciprocity η of the couplings along training",
      svg: curves({
        xTitle: "updates",
        xLogarithmic: true,
        plots: [
          { title: "Norm ‖J‖", series: series("couplings", ({ norm }) => norm) },
          { title: "Spectral radius max |λ|", series: series("radius", ({ radius }) => radius) },
          {
            title: "Reciprocity η: 1 symmetric, 0 independent",
            series: series("couplings", ({ reciprocity }) => reciprocity),
          },
        ],
      }),
    },
  ];
}
