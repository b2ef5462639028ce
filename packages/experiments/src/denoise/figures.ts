// Restored images over time and by method, and how much comes back over the damage.
import { type Estimate, mean, meanEstimate } from "@neural-langevin/analysis";
import { greyLevels } from "@neural-langevin/datasets";
import { curves, filmStrip } from "@neural-langevin/figures";
import { zoomTo } from "../drawing.js";
import { BANDS, numbersOf, withBand } from "../estimates.js";
import type { Figure, Table } from "../experiment.js";
import { percent } from "../format.js";
import { UNTOUCHED } from "./baselines.js";
import { RESTORED, restoredShare, shownLevel } from "./findings.js";
import type { DenoiseResult } from "./measure.js";

export const tables = ({ levels }: DenoiseResult): Table[] => [
  {
    name: "recovery",
    caption:
      "Share of images that came back, and the root mean square distance of firing rates, over the share of replaced units",
    rows: levels.flatMap(({ level, distances, baselines }) =>
      Object.entries({ machine: distances.at(-1)!, ...baselines }).map(([method, distance]) => ({
        level,
        method,
        ...numbersOf({ restored: restoredShare(distance), distance: meanEstimate(distance) }),
      })),
    ),
  },
];

export function figures(result: DenoiseResult): Figure[] {
  const { levels, shown, steps } = result;
  const damage = percent(shown);
  const { energies, distances, baselines } = shownLevel(result);
  const band = (rows: readonly Float64Array[]) => ({
    name: "machine",
    x: [...steps],
    y: rows.map(mean),
    low: rows.map((row) => quantile(row, 0.1)),
    high: rows.map((row) => quantile(row, 0.9)),
  });
  const overDamage = (of: (distances: Float64Array) => Estimate) =>
    ["machine", ...Object.keys(baselines)].map((name) => ({
      ...withBand(
        name,
        levels.map(({ level }) => level),
        levels.map((one) => of(one.baselines[name] ?? one.distances.at(-1)!)),
      ),
      dashed: name === UNTOUCHED,
    }));
  return [
    {
      name: "film",
      caption: `Stored digits come back from ${damage} replaced units at T = 0`,
      svg: drawFilm(result, `From ${damage} replaced units at T = 0, over the steps`),
    },
    {
      name: "over-time",
      caption: `Energy and distance from the stored image over time, from ${damage} replaced units; bands hold 80 % of the images`,
      svg: curves({
        xTitle: "steps at T = 0",
        plots: [
          { title: "Energy per unit E/N", logarithmic: true, series: [band(energies)] },
          { title: "Distance of firing rates, root mean square", series: [band(distances)] },
        ],
      }),
    },
    {
      name: "recovery",
      caption: `What comes back over the share of replaced units, with the machine and with plainer methods; ${BANDS}`,
      svg: curves({
        xTitle: "share of replaced units",
        plots: [
          {
            title: `Share of images that came back, to less than ${RESTORED}`,
            series: overDamage(restoredShare),
          },
          { title: "Distance of firing rates, root mean square", series: overDamage(meanEstimate) },
        ],
      }),
    },
    {
      name: "methods",
      caption: `The same damaged digits, ${damage} of the units replaced, restored by every method`,
      svg: drawMethods(result, `${damage} of the units replaced, restored by every method`),
    },
  ];
}

function drawFilm({ films, steps, images }: DenoiseResult, title: string): string {
  const { width, height, count, pixels, labels } = images;
  const size = width * height;
  return filmStrip({
    title,
    width,
    height,
    scale: zoomTo(56, width),
    columns: [...steps.map(String), "stored"],
    rows: Array.from({ length: count }, (_, row) => {
      const columns = new Uint8Array((films.length + 1) * size);
      [...films, greyLevels(pixels)].forEach((all, column) => {
        columns.set(all.subarray(row * size, (row + 1) * size), column * size);
      });
      return { name: String(labels![row]), pixels: columns };
    }),
  });
}

function drawMethods({ films, restored, images }: DenoiseResult, title: string): string {
  const { width, height, pixels, labels } = images;
  const { [UNTOUCHED]: damaged, ...others } = restored;
  return filmStrip({
    title,
    width,
    height,
    scale: zoomTo(56, width),
    columns: [...labels!].map(String),
    rows: [
      { name: "stored", pixels: greyLevels(pixels) },
      { name: "damaged", pixels: damaged! },
      { name: "machine", pixels: films.at(-1)! },
      ...Object.entries(others).map(([name, image]) => ({ name, pixels: image })),
    ],
  });
}

/** The value below which a share of the values lies. */
const quantile = (values: Float64Array, share: number): number =>
  values.slice().sort()[Math.floor(share * (values.length - 1))]!;
