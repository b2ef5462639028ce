// Copies of training images among samples, over the number of training images.
import {
  type Estimate,
  meanEstimate,
  medianEstimate,
  memorisedShare,
  points,
  type QualityEstimate,
} from "@neural-langevin/analysis";
import { decodeStates, pickImages, ratesOfStates } from "@neural-langevin/datasets";
import type { FilmRow } from "@neural-langevin/figures";
import { completeSettings } from "@neural-langevin/runs";
import type { ExperimentContext } from "../context.js";
import { levelsOf, sizeOfPicture } from "../drawing.js";
import { estimatesAt, numbersOfEstimates, ratio } from "../estimates.js";
import { imageQuality, qualityMeasures } from "../image-quality.js";
import { paceOf } from "../sampling.js";
import type { MemorisationSettings } from "./settings.js";

/** What the machine of one training generates. */
export interface MemorisationPoint extends QualityEstimate {
  /** Training images P. */
  readonly images: number;
  readonly seed: number;
  /** Share of samples that are copies of a training image, d₁/d₂ < ⅓. */
  readonly memorised: Estimate;
  /** The same share of images that were not learned, which no machine can have copied. */
  readonly heldOut: Estimate;
  /**
   * The mean distance to the nearest training image, d₁, over that of images that were not learned: below 1 samples are
   * nearer to what was learned than unseen images are. The thermal noise of the pixels weighs less in it than in d₁/d₂.
   */
  readonly nearestRatio: Estimate;
  /** The median of d₁/d₂; see `medianEstimate`. */
  readonly medianRatio: Estimate;
  /** d₁/d₂ of every sample. */
  readonly ratios: Float64Array;
}

export interface MemorisationResult {
  readonly points: readonly MemorisationPoint[];
  readonly steps: number;
  /** Numbers P whose samples are shown. */
  readonly shown: readonly number[];
  /** Samples of the first seed, each above its nearest training image. */
  readonly films: readonly FilmRow[];
  readonly width: number;
  readonly height: number;
}

/** Samples in a row of the film, and numbers P that it shows. */
const SHOWN = { samples: 10, rows: 6 };

export async function measure(
  context: ExperimentContext,
  { training, images: numbers, seeds, steps, leastSamples }: MemorisationSettings,
): Promise<MemorisationResult> {
  const images = [...numbers].sort((a, b) => a - b);
  const found: MemorisationPoint[] = [];
  const films: FilmRow[] = [];
  let [width, height] = [0, 0];
  const complete = completeSettings(training);
  const shownOf = (P: number) => Math.min(SHOWN.samples, Math.max(P, leastSamples));
  const samples = shownOf(images[0]!);
  const shown = spread(images, SHOWN.rows);
  for (const P of images) {
    for (let seed = context.seed; seed < context.seed + seeds; seed++) {
      const settings = { ...training, images: P, seed };
      const data = await context.numbers(settings);
      const { units } = data;
      const learned = points(ratesOfStates(data.states), units);
      const [machine] = await context.train(`images-${P}-seed-${seed}`, settings, { data });
      const columns = await context.sample(`samples-${P}-seed-${seed}`, {
        network: machine!,
        chains: Math.max(P, leastSamples),
        at: [steps],
        ...paceOf(complete),
        observe({ states }) {
          const copies = memorisedShare(points(ratesOfStates(states), units), learned);
          const unseen = memorisedShare(points(data.heldOutRates, units), learned);
          return {
            ...numbersOfEstimates({
              ...imageQuality(states, data),
              memorised: copies.share,
              heldOut: unseen.share,
              nearestRatio: ratio(meanEstimate(copies.distances), meanEstimate(unseen.distances)),
            }),
            ratios: copies.ratios,
            // The nearest training image of each sample that is shown, and these samples.
            nearest: Int32Array.from({ length: shownOf(P) }, (_, at) => copies.indices[2 * at]!),
            states: states.slice(0, shownOf(P) * units),
          };
        },
      });
      found.push({
        images: P,
        seed,
        ...estimatesAt([...qualityMeasures, "memorised", "heldOut", "nearestRatio"], columns, 0),
        medianRatio: medianEstimate(columns.ratios[0]!),
        ratios: columns.ratios[0]!,
      });
      if (seed > context.seed || !shown.includes(P)) continue;
      films.push(
        {
          name: `P = ${P}`,
          pixels: decodeStates(columns.states[0]!.subarray(0, samples * units), data.encoding),
        },
        {
          name: "nearest",
          pixels: levelsOf(
            pickImages(data.training, columns.nearest[0]!.subarray(0, samples)),
            data.encoding,
          ),
        },
      );
      ({ width, height } = sizeOfPicture(data.training));
    }
  }
  return { points: found, steps, shown, films, width, height };
}

/** At most `count` of some values, evenly spread, with the first and the last. */
function spread(values: readonly number[], count: number): number[] {
  const rows = Math.min(count, values.length);
  return Array.from(
    { length: rows },
    (_, row) => values[Math.round((row * (values.length - 1)) / Math.max(1, rows - 1))]!,
  );
}
