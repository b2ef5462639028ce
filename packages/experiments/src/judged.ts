// How generated images of digits read, and how far they are from held-out ones, in numbers that a stage keeps.
import { mean, measureDigits, points } from "@neural-langevin/analysis";
import type { LangevinFrame } from "@neural-langevin/core";
import { ratesOfStates } from "@neural-langevin/datasets";
import type { TrainingData } from "@neural-langevin/runs";
import { learnedDigits } from "./learned-digits.js";

/** Some of `DigitMeasures`, and the energy; errors are standard errors of the images drawn. */
export interface JudgedImages {
  /** Mean energy of the chains per unit; T/2 in a quadratic well. */
  readonly energy: number;
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

/** What a stage keeps of a frame. */
type JudgedFrame = { readonly [Name in keyof JudgedImages]: number } & {
  /** x of the first chains, shape [shown][N]. */
  readonly states: Float32Array;
};

/**
 * What a stage observes of frames: the judge's view beside the held-out images of the training, and the states of the first
 * chains.
 */
export function judge(data: TrainingData, shown: number): (frame: LangevinFrame) => JudgedFrame {
  const real = learnedDigits(data);
  const { units } = data;
  return ({ states, energies }) => {
    const measures = measureDigits(points(ratesOfStates(states), data.pixels), real);
    const { legible, frechetDistance, classShares } = measures;
    const shares = Object.values(classShares).map(({ value }) => value);
    return {
      states: states.slice(0, shown * units),
      energy: mean(energies) / units,
      legible: legible.value,
      legibleError: legible.standardError,
      rarest: legible.value > 0 ? Math.min(...shares) : 0,
      inverted: measures.inverted.value,
      empty: measures.empty.value,
      frechetDistance: frechetDistance.value,
      frechetError: frechetDistance.standardError,
    };
  };
}

/** What was observed at one moment. */
export const judgedAt = (
  columns: { readonly [Name in keyof JudgedImages]: readonly number[] },
  moment: number,
): JudgedImages => ({
  energy: columns.energy[moment]!,
  legible: columns.legible[moment]!,
  legibleError: columns.legibleError[moment]!,
  rarest: columns.rarest[moment]!,
  inverted: columns.inverted[moment]!,
  empty: columns.empty[moment]!,
  frechetDistance: columns.frechetDistance[moment]!,
  frechetError: columns.frechetError[moment]!,
});

/** Operations of judging `count` images: the judge's layers, its distance, and the nearest of 3000 training images. */
export const judgeOperations = (count: number): number => 7e6 * count + 5e8;
