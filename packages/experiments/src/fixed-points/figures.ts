// Counts along training, images of starts and fixed points, and eigenvalues.
import { type Estimate, meanEstimate, shareEstimate } from "@neural-langevin/analysis";
import { decodeStates } from "@neural-langevin/datasets";
import { curves, type FilmRow, type Points, page, scatter } from "@neural-langevin/figures";
import { imageRows } from "../drawing.js";
import { BANDS, numbersOfEstimates, withBand } from "../estimates.js";
import type { Figure, Table } from "../experiment.js";
import { convergedShare, minima, spectraOf } from "./findings.js";
import { distinct, type FixedPointsResult, type UpdateSearches } from "./measure.js";
import { type Origin, origins } from "./settings.js";

/** Starts of each origin in the figure, and the grey of a place without a fixed point. */
const SHOWN = 4;
const EMPTY = 220;

export const tables = ({ searches }: FixedPointsResult): Table[] => [
  {
    name: "fixed-points",
    caption:
      "Searches that ended in a fixed point, different fixed points, descents that came to rest in a minimum with E > 0, mean energy per unit before and after the descent, unstable directions of dx/dt = v and its largest rate, by update and origin",
    rows: searches.flatMap((one) =>
      origins.map((origin) => {
        const { reached, energies } = one.byOrigin[origin];
        const spectra = spectraOf(one, origin);
        return {
          update: one.update,
          origin,
          searches: reached.length,
          converged: reached.filter((point) => point >= 0).length,
          different: distinct(one.byOrigin[origin]).length,
          minima: minima(one.byOrigin[origin]),
          ...numbersOfEstimates({
            energyBefore: meanEstimate(energies.before),
            energyAfter: meanEstimate(energies.after),
            unstableDirections: meanEstimate(spectra.map((one) => one.unstableDirections)),
            largestRate: meanEstimate(spectra.map((one) => one.largestRate)),
          }),
        };
      }),
    ),
  },
];

export function figures(result: FixedPointsResult): Figure[] {
  const { searches } = result;
  // The update with most different fixed points, the last of equal ones.
  const most = searches.reduce((best, one) =>
    one.points.length >= best.points.length ? one : best,
  );
  const examined = searches.filter(({ spectra }) => spectra.size > 0);
  const planes = examined.filter((one) => one === most || one === examined.at(-1));
  const figures: Figure[] = [
    {
      name: "counts",
      caption: `Searches that end in a fixed point, descents that come to rest in another minimum of the energy, energies where descents end, and unstable directions of fixed points, along training; ${BANDS}`,
      svg: drawCounts(searches),
    },
    {
      name: "images",
      caption:
        "Starting states of each origin at the update with most fixed points, where their descent at T = 0 ends, and the fixed points that Newton's method reaches from there; plain grey where it reaches none",
      svg: drawImages(result, most),
    },
  ];
  if (planes.length > 0) {
    figures.push({
      name: "eigenvalues",
      caption:
        "Eigenvalues of ∂v/∂x at one fixed point of each origin; the network leaves a fixed point along those right of 0",
      svg: page([planes.map(drawEigenvalues)]),
    });
  }
  return figures;
}

function drawCounts(searches: readonly UpdateSearches[]): string {
  const x = searches.map(({ update }) => update);
  const series = (of: (one: UpdateSearches, origin: Origin) => Estimate) =>
    origins.map((name) =>
      withBand(
        name,
        x,
        searches.map((one) => of(one, name)),
      ),
    );
  return curves({
    xTitle: "updates",
    plots: [
      {
        title: "Share of searches that end in a fixed point",
        series: series((one, origin) => convergedShare(one.byOrigin[origin])),
      },
      {
        title: "Share of descents at rest where E > 0",
        series: series((one, origin) => {
          const { reached } = one.byOrigin[origin];
          return shareEstimate(minima(one.byOrigin[origin]), reached.length);
        }),
      },
      {
        title: "Mean energy E/N at the end of the descent",
        logarithmic: true,
        series: series((one, origin) => meanEstimate(one.byOrigin[origin].energies.after)),
      },
      {
        title: "Unstable directions of a fixed point (mean)",
        series: series((one, origin) =>
          meanEstimate(spectraOf(one, origin).map((spectrum) => spectrum.unstableDirections)),
        ),
      },
    ].filter((plot) => plot.series.some(({ y }) => y.some(Number.isFinite))),
  });
}

function drawImages(
  { width, height, encoding }: FixedPointsResult,
  { update, byOrigin, points }: UpdateSearches,
): string {
  const units = width * height;
  const levels = (states: Float32Array) => decodeStates(states, encoding);
  const rows = origins.flatMap((origin): FilmRow[] => {
    const { starts, ends, reached } = byOrigin[origin];
    const shown = Math.min(SHOWN, reached.length);
    const fixed = new Uint8Array(shown * units).fill(EMPTY);
    reached.slice(0, shown).forEach((point, start) => {
      if (point >= 0) fixed.set(levels(Float32Array.from(points[point]!)), start * units);
    });
    return [
      { name: origin, pixels: levels(starts.subarray(0, shown * units)) },
      { name: "descent", pixels: levels(ends.subarray(0, shown * units)) },
      { name: "fixed point", pixels: fixed },
    ];
  });
  return imageRows({
    title: `Starts, ends of their descent, fixed points; update ${update}`,
    rows,
    width,
    height,
    size: 56,
  });
}

function drawEigenvalues(one: UpdateSearches): string {
  // Origins that lead to the same point share its eigenvalues.
  const clouds: Points[] = [];
  for (const [point, { real, imaginary }] of one.spectra) {
    const from = origins.filter((origin) => distinct(one.byOrigin[origin])[0] === point);
    if (from.length > 0) {
      clouds.push({ name: from.join(", "), x: real, y: imaginary, size: 4 });
    }
  }
  return scatter({
    title: `∂v/∂x at fixed points, update ${one.update}`,
    xTitle: "Re λ",
    yTitle: "Im λ",
    points: clouds,
    equal: true,
  });
}
