// How generated images of digits read, and how far they are from held-out ones.
import { frechetDistance, legibility, type PointSet, points } from "@neural-langevin/analysis";
import { encodeImages, ratesOfStates } from "@neural-langevin/datasets";
import type { TrainingData } from "@neural-langevin/runs";

/** What the judge of digits finds in some images; errors are standard errors. */
export interface JudgedImages {
  /** Share that shows one of the learned digits. */
  readonly legible: number;
  readonly legibleError: number;
  /** Share of the rarest learned digit among the legible ones; 0 where none is legible. */
  readonly rarest: number;
  readonly inverted: number;
  readonly empty: number;
  /** Fréchet distance to the held-out images, in the judge's features. */
  readonly frechetDistance: number;
  readonly frechetError: number;
}

/** A judge of generated states, shape [count][N], beside the held-out images of their training. */
export function judge(data: TrainingData): (states: Float32Array) => JudgedImages {
  const classes = [...new Set(data.training.labels)].sort((a, b) => a - b);
  const rates = (states: Float32Array): PointSet => points(ratesOfStates(states), data.pixels);
  const heldOut = legibility(rates(encodeImages(data.heldOut)), { classes });
  return (states) => {
    const read = legibility(rates(states), { classes });
    const distance = frechetDistance(read.judgement.features, heldOut.judgement.features);
    return {
      legible: read.legible,
      legibleError: read.standardError,
      rarest: read.legible > 0 ? Math.min(...read.classShares.values()) : 0,
      inverted: read.inverted,
      empty: read.empty,
      frechetDistance: distance.value,
      frechetError: distance.standardError,
    };
  };
}

/** What was observed at one moment. */
export const judgedAt = (
  columns: { readonly [Name in keyof JudgedImages]: readonly number[] },
  moment: number,
): JudgedImages => ({
  legible: columns.legible[moment]!,
  legibleError: columns.legibleError[moment]!,
  rarest: columns.rarest[moment]!,
  inverted: columns.inverted[moment]!,
  empty: columns.empty[moment]!,
  frechetDistance: columns.frechetDistance[moment]!,
  frechetError: columns.frechetError[moment]!,
});

/** Operations of reading `count` images: four layers of the judge, and the distance's resamples. */
export const judgeOperations = (count: number): number => 2e6 * count + 5e8;
