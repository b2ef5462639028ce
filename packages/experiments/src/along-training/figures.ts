// Quality along a training between an untrained machine and real images, and images.
import type { Quality } from "@neural-langevin/analysis";
import { curves, filmStrip } from "@neural-langevin/figures";
import type { Figure, Table } from "../report.js";
import type { AlongTrainingResult } from "./measure.js";

export const tables = ({ name, untrained, points, real }: AlongTrainingResult): Table[] => [
  {
    name: `${name}-quality`,
    caption: `${name}: quality of images from noise along training, all as positives; update 0 is an untrained machine, the last row real images`,
    rows: [
      ...[untrained, ...points].map(({ update, quality }) => ({ update, ...quality })),
      { update: "real", ...real },
    ],
  },
];

export function figures(result: AlongTrainingResult): Figure[] {
  const { name, untrained, points, real, steps, films, width, height } = result;
  const all = [untrained, ...points];
  const x = all.map(({ update }) => update);
  const machine = (label: string, of: (quality: Quality) => number) => ({
    name: label,
    x,
    y: all.map(({ quality }) => of(quality)),
  });
  const level = (label: string, value: number) => ({
    name: label,
    x,
    y: x.map(() => value),
    dashed: true,
  });
  const besideReal = (of: (quality: Quality) => number) => [
    machine("machine", of),
    level("real images", of(real)),
  ];
  return [
    {
      name: `${name}-quality`,
      caption: `${name}: quality of images from noise along training, all as positives, beginning with an untrained machine`,
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
              level("½", 0.5),
            ],
          },
          { title: "Share of negatives", series: besideReal((quality) => quality.negativeShare) },
        ],
      }),
    },
    {
      name: `${name}-images`,
      caption: `${name}: images from noise after ${steps} steps, along training, without turning negatives`,
      svg: filmStrip({
        title: `${name}: images from noise after ${steps} steps`,
        width,
        height,
        rows: films,
        scale: Math.max(1, Math.round(42 / width)),
        columns: Array.from({ length: films[0]!.pixels.length / (width * height) }, () => ""),
      }),
    },
  ];
}
