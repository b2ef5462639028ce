// Quality along a training between an untrained machine and real images, and images.
import type { Estimate, QualityEstimate } from "@neural-langevin/analysis";
import { curves } from "@neural-langevin/figures";
import { imageRows, levelLine } from "../drawing.js";
import { BANDS, numbersOf, withBand } from "../estimates.js";
import type { Figure, Table } from "../experiment.js";
import type { AlongTrainingResult } from "./measure.js";

export const tables = ({ name, untrained, points, real }: AlongTrainingResult): Table[] => [
  {
    name: `${name}-quality`,
    caption: `${name}: quality of images from noise along training, all as positives; update 0 is an untrained machine, the last row real images`,
    rows: [
      ...[untrained, ...points].map(({ update, quality }) => ({
        update,
        ...numbersOf(quality),
      })),
      { update: "real", ...numbersOf(real) },
    ],
  },
];

export function figures(result: AlongTrainingResult): Figure[] {
  const { name, untrained, points, real, steps, films, width, height } = result;
  const all = [untrained, ...points];
  const x = all.map(({ update }) => update);
  const machine = (label: string, of: (quality: QualityEstimate) => Estimate) =>
    withBand(
      label,
      x,
      all.map(({ quality }) => of(quality)),
    );
  const besideReal = (of: (quality: QualityEstimate) => Estimate) => [
    machine("machine", of),
    levelLine("real images", x, of(real).value),
  ];
  return [
    {
      name: `${name}-quality`,
      caption: `${name}: quality of images from noise along training, all as positives, beginning with an untrained machine; ${BANDS}`,
      svg: curves({
        xTitle: "updates",
        plots: [
          {
            title: "E⁽²⁾",
            logarithmic: true,
            series: besideReal((quality) => quality.covarianceError),
          },
          {
            title: "Adversarial accuracy; ½ where images cannot be told apart",
            series: [
              machine("A_S", ({ realAccuracy }) => realAccuracy),
              machine("A_T", ({ generatedAccuracy }) => generatedAccuracy),
              levelLine("½", x, 0.5),
            ],
          },
          { title: "Share of negatives", series: besideReal((quality) => quality.negativeShare) },
        ],
      }),
    },
    {
      name: `${name}-images`,
      caption: `${name}: images from noise after ${steps} steps, along training, without turning negatives`,
      svg: imageRows({
        title: `${name}: images from noise after ${steps} steps`,
        rows: films,
        width,
        height,
        size: 42,
      }),
    },
  ];
}
