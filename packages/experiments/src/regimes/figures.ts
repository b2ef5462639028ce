// Quality over the steps of generation, along training, and images over the steps.
import type { Estimate, QualityEstimate } from "@neural-langevin/analysis";
import { curves, filmStrip, type Plot } from "@neural-langevin/figures";
import { levelLine, zoomTo } from "../drawing.js";
import { BANDS, numbersOfEstimates, withBand } from "../estimates.js";
import type { Figure, Table } from "../experiment.js";
import { lastCurves } from "./findings.js";
import type { GenerationCurve, RegimesResult } from "./measure.js";

export const tables = ({ curves: all, steps }: RegimesResult): Table[] => [
  {
    name: "quality",
    caption: "Quality over the steps of generation, for every machine and update",
    rows: all.flatMap(({ phase, update, qualities }) =>
      qualities.map((quality, moment) => ({
        phase,
        update,
        step: steps[moment]!,
        ...numbersOfEstimates(quality),
      })),
    ),
  },
];

export function figures(result: RegimesResult): Figure[] {
  const { steps, curves: all, noise, real, films, width, height, noun } = result;
  const last = lastCurves(all);
  const x = [...steps];
  const plot = (
    title: string,
    shown: readonly GenerationCurve[],
    of: (quality: QualityEstimate) => Estimate,
    nameOf: (curve: GenerationCurve) => string,
  ): Plot => ({
    title,
    series: [
      ...shown.map((curve) => withBand(nameOf(curve), x, curve.qualities.map(of))),
      levelLine("noise", x, of(noise).value),
      levelLine(`real ${noun}`, x, of(real).value),
    ],
  });
  const phaseOf = ({ phase }: GenerationCurve) => phase;
  const covarianceError = (quality: QualityEstimate) => quality.covarianceError;
  const axis = { xTitle: "steps of generation", xLogarithmic: true };
  return [
    {
      name: "quality",
      caption: `Quality of ${noun} from noise over the number of steps, after all updates; ${BANDS}`,
      svg: curves({
        ...axis,
        plots: [
          { ...plot("E⁽²⁾", last, covarianceError, phaseOf), logarithmic: true },
          plot("AAI", last, (quality) => quality.adversarialError, phaseOf),
          plot(`A_S, of real ${noun}`, last, (quality) => quality.realAccuracy, phaseOf),
          plot(`A_T, of generated ${noun}`, last, (quality) => quality.generatedAccuracy, phaseOf),
        ],
      }),
    },
    {
      name: "along-training",
      caption: `E⁽²⁾ over the number of steps, along training; ${BANDS}`,
      svg: curves({
        ...axis,
        plots: last.map(({ phase }) => ({
          ...plot(
            `E⁽²⁾, ${phase}`,
            all.filter((curve) => curve.phase === phase),
            covarianceError,
            ({ update }) => `update ${update}`,
          ),
          logarithmic: true,
        })),
      }),
    },
    {
      name: "film",
      caption: "Three chains of each machine over the steps of generation",
      svg: filmStrip({
        title: `${noun === "images" ? "Images" : "Samples"} from noise over the steps of generation`,
        width,
        height,
        columns: steps.map(String),
        rows: films,
        scale: zoomTo(42, width),
      }),
    },
  ];
}
