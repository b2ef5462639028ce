// Decoded images, and the quality of codes over the steps of generation.
import type { Estimate } from "@neural-langevin/analysis";
import { curves, type Plot } from "@neural-langevin/figures";
import { imageRows, levelLine } from "../drawing.js";
import { BANDS, numbersOf, withBand } from "../estimates.js";
import type { Figure, Table } from "../experiment.js";
import type { CodeQuality, LatentMachine, LatentResult } from "./measure.js";

export const tables = ({ machines, steps }: LatentResult): Table[] => [
  {
    name: "quality",
    caption:
      "Codes compared with those of training images: of the machine over its steps, of images that were kept back, and of a normal distribution with the codes' mean and covariance",
    rows: machines.flatMap(({ name, machine, real, normal }) => [
      ...machine.map((quality, at) => ({
        images: name,
        codes: "machine",
        step: steps[at]!,
        ...numbersOf(quality),
      })),
      { images: name, codes: "real", step: Number.NaN, ...numbersOf(real) },
      { images: name, codes: "normal", step: Number.NaN, ...numbersOf(normal) },
    ]),
  },
];

export function figures({ machines, steps }: LatentResult): Figure[] {
  if (machines.length === 0) return [];
  return [
    ...machines.map(({ name, code, films, width, height }) => ({
      name: `${name.toLowerCase()}-images`,
      caption: `${name}: images that were kept back, the same through the autoencoder, and decoded codes of the machine`,
      svg: imageRows({
        title: `${name}, codes of ${code} numbers`,
        rows: films,
        width,
        height,
        size: 42,
      }),
    })),
    {
      name: "quality",
      caption: `Codes of machines compared with those of training images over the steps from N(0, 1); ${BANDS}`,
      svg: curves({
        xTitle: "steps of generation",
        xLogarithmic: true,
        plots: machines.flatMap((machine) => plotsOf(machine, steps)),
      }),
    },
  ];
}

function plotsOf(
  { name, machine, real, normal }: LatentMachine,
  steps: readonly number[],
): [Plot, Plot] {
  const x = [...steps];
  const series = (label: string, of: (quality: CodeQuality) => Estimate) =>
    withBand(label, x, machine.map(of));
  return [
    {
      title: `Adversarial accuracy of codes, ${name}`,
      series: [
        series("A_S", ({ realAccuracy }) => realAccuracy),
        series("A_T", ({ generatedAccuracy }) => generatedAccuracy),
        levelLine("½", x, 0.5),
      ],
    },
    {
      title: `E⁽²⁾ of codes, ${name}`,
      logarithmic: true,
      series: [
        series("machine", ({ covarianceError }) => covarianceError),
        levelLine("normal", x, normal.covarianceError.value),
        levelLine("real", x, real.covarianceError.value),
      ],
    },
  ];
}
