// Copies and adversarial accuracy over the number of training images, and samples beside their nearest image.
import type { Estimate } from "@neural-langevin/analysis";
import { curves, histogram, type Series } from "@neural-langevin/figures";
import { imageRows } from "../drawing.js";
import { BANDS, numbersOfEstimates, overRuns, withBand } from "../estimates.js";
import type { Figure, Table } from "../experiment.js";
import type { MemorisationPoint, MemorisationResult } from "./measure.js";
import { MARKED_IMAGES } from "./settings.js";

export const tables = ({ points }: MemorisationResult): Table[] => [
  {
    name: "memorisation",
    caption:
      "Distance of samples to the nearest training image over that of images that were not learned, copied samples, copies among images that were not learned, median of d₁/d₂, adversarial accuracy and negatives over the number of training images",
    rows: points.map((point) => ({
      images: point.images,
      seed: point.seed,
      ...numbersOfEstimates({
        nearestRatio: point.nearestRatio,
        memorised: point.memorised,
        heldOut: point.heldOut,
        medianRatio: point.medianRatio,
        realAccuracy: point.realAccuracy,
        generatedAccuracy: point.generatedAccuracy,
        adversarialError: point.adversarialError,
        negativeShare: point.negativeShare,
      }),
    })),
  },
];

export function figures(result: MemorisationResult): Figure[] {
  const { points, steps, shown, films, width, height } = result;
  const images = [...new Set(points.map((point) => point.images))];
  const series = (name: string, of: (point: MemorisationPoint) => Estimate): Series =>
    withBand(
      name,
      images,
      images.map((P) => overRuns(points.filter((point) => point.images === P).map(of))),
    );
  const third = { name: "⅓", dashed: true };
  const ends = [images[0]!, images.at(-1)!];
  const mark: Series = {
    name: `P = ${MARKED_IMAGES}`,
    x: [MARKED_IMAGES, MARKED_IMAGES],
    y: [0, 1],
    dashed: true,
  };
  const densities = shown.map((P) => {
    const ratios = points
      .filter((point) => point.images === P)
      .flatMap((point) => [...point.ratios]);
    return { name: `P = ${P}`, ...histogram(ratios, { from: 0, to: 1, bins: 20 }) };
  });
  return [
    {
      name: "memorisation",
      caption: `Distance of samples to the nearest training image over that of images that were not learned, share of samples that are copies of a training image, median of d₁/d₂, and adversarial accuracy, over the number P of training images; ${BANDS}`,
      svg: curves({
        xTitle: "training images P",
        xLogarithmic: true,
        plots: [
          {
            title: "Distance to the nearest training image, over that of images not learned",
            series: [
              series("samples", ({ nearestRatio }) => nearestRatio),
              { name: "not learned", dashed: true, x: ends, y: [1, 1] },
              mark,
            ],
          },
          {
            title: "Share of samples with d₁/d₂ < ⅓",
            series: [
              series("samples", ({ memorised }) => memorised),
              series("not learned", ({ heldOut }) => heldOut),
              mark,
            ],
          },
          {
            title: "Median of d₁/d₂",
            series: [
              series("samples", ({ medianRatio }) => medianRatio),
              { ...third, x: ends, y: [1 / 3, 1 / 3] },
              mark,
            ],
          },
          {
            title: "Adversarial accuracy",
            series: [
              series("A_S", ({ realAccuracy }) => realAccuracy),
              series("A_T", ({ generatedAccuracy }) => generatedAccuracy),
              mark,
            ],
          },
        ],
      }),
    },
    {
      name: "ratios",
      caption: "Density of d₁/d₂ of the samples; below ⅓ a sample counts as a copy",
      svg: curves({
        xTitle: "d₁/d₂",
        plots: [
          {
            title: "Density of d₁/d₂",
            series: [...densities, { ...third, x: [1 / 3, 1 / 3], y: [0, 8] }],
          },
        ],
      }),
    },
    {
      name: "copies",
      caption: "Samples, each above its nearest training image, for numbers P of training images",
      svg: imageRows({
        title: `Samples after ${steps} steps from noise, each above its nearest training image`,
        rows: films,
        width,
        height,
        size: 56,
      }),
    },
  ];
}
