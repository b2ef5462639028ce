// The bias over the step size, and energies at the smallest and the largest one.
import { integrators } from "@neural-langevin/core";
import { curves, histogram } from "@neural-langevin/figures";
import { levelLine } from "../drawing.js";
import { BANDS, numbersOf, withBand } from "../estimates.js";
import type { Figure, Table } from "../experiment.js";
import type { BiasPoint, BiasResult } from "./measure.js";

/** Bins of a density. */
const BINS = 40;

export const tables = ({ points }: BiasResult): Table[] => [
  {
    name: "bias",
    caption:
      "⟨x·∇E⟩/(NT), corrected for relaxation, and the mean energy per unit, over the step size, with standard errors between chains",
    rows: points.map(({ integrator, dt, ratio, energy }) => ({
      integrator,
      dt,
      ...numbersOf({ ratio, energyPerUnit: energy }),
    })),
  },
];

export function figures({ points, stepSizes }: BiasResult): Figure[] {
  const biases = integrators.map((integrator) => {
    const own = points.filter((point) => point.integrator === integrator);
    const x = own.map(({ dt }) => dt);
    return withBand(
      integrator,
      x,
      own.map(({ ratio }) => ratio),
    );
  });
  const stable = stepSizes.filter((dt) =>
    points.every((point) => point.dt !== dt || point.energies.length > 0),
  );
  const shown = points.filter(({ dt }) => [stepSizes[0], stable.at(-1)].includes(dt));
  const all = shown.flatMap(({ energies }) => energies);
  const from = all.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const to = all.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const density = ({ dt, energies }: BiasPoint) => ({
    name: `dt ${dt}`,
    ...histogram(energies, { from, to, bins: BINS }),
  });
  const drawn: Figure[] = [
    {
      name: "ratio",
      caption: `⟨x·∇E⟩/(NT), corrected for relaxation, over the step size; the exact dynamics has 1; ${BANDS}`,
      svg: curves({
        xTitle: "step size dt",
        xLogarithmic: true,
        plots: [{ title: "⟨x·∇E⟩/(NT)", series: [...biases, levelLine("exact", stepSizes, 1)] }],
      }),
    },
  ];
  // Where every chain diverged there are no energies to draw.
  if (all.length > 0) {
    drawn.push({
      name: "energies",
      caption:
        "Energies per unit at the smallest step size and at the largest one with which both integrators are stable",
      svg: curves({
        xTitle: "energy per unit E/N",
        plots: integrators.map((integrator) => ({
          title: `Density of E/N, ${integrator}`,
          series: shown.filter((point) => point.integrator === integrator).map(density),
        })),
      }),
    });
  }
  return drawn;
}
