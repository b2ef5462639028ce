// Quality and evenness over the number of classes, and images.
import type { Estimate } from "@neural-langevin/analysis";
import { curves } from "@neural-langevin/figures";
import { imageRows } from "../drawing.js";
import { BANDS, numbersOf, withBand } from "../estimates.js";
import type { Figure, Table } from "../experiment.js";
import type { ClassesPoint, ClassesResult } from "./measure.js";

export const tables = ({ points }: ClassesResult): Table[] => [
  {
    name: "classes",
    caption: "Quality over the number of classes",
    rows: points.map(({ classes, ...measures }) => ({ classes, ...numbersOf(measures) })),
  },
];

export function figures({ points, steps, films, width, height }: ClassesResult): Figure[] {
  const x = points.map(({ classes }) => classes);
  const series = (name: string, of: (point: ClassesPoint) => Estimate) =>
    withBand(name, x, points.map(of));
  return [
    {
      name: "quality",
      caption: `Quality of images from noise over the number of classes that are learned; ${BANDS}`,
      svg: curves({
        xTitle: "classes",
        plots: [
          { title: "E⁽²⁾", series: [series("E⁽²⁾", (point) => point.covarianceError)] },
          { title: "AAI", series: [series("AAI", (point) => point.adversarialError)] },
          {
            title: "Adversarial accuracy and evenness of the classes",
            series: [
              series("A_S", ({ realAccuracy }) => realAccuracy),
              series("A_T", ({ generatedAccuracy }) => generatedAccuracy),
              series("evenness", ({ evenness }) => evenness),
            ],
          },
        ],
      }),
    },
    {
      name: "images",
      caption: "Images from noise of the machines that learned 0 to 1, …, 0 to 9",
      svg: imageRows({
        title: `Images from noise after ${steps} steps`,
        rows: films,
        width,
        height,
        size: 42,
      }),
    },
  ];
}
