// How generated images of digits read, and how far they are from held-out ones, in numbers that a stage keeps.
import { type Estimate, meanEstimate, measureDigits, points } from "@neural-langevin/analysis";
import type { LangevinFrame } from "@neural-langevin/core";
import { ratesOfStates } from "@neural-langevin/datasets";
import type { TrainingData } from "@neural-langevin/runs";
import { type EstimateNumbers, numbersOf, scaled } from "./estimates.js";
import { learnedDigits } from "./learned-digits.js";

/** Some of `DigitMeasures`, and the energy; errors are standard errors of the images drawn. */
export interface JudgedImages {
  /** Mean energy of the chains per unit; T/2 in a quadratic well. */
  readonly energy: Estimate;
  /** Share that shows one of the learned digits. */
  readonly legible: Estimate;
  /** Share of the rarest learned digit among the legible ones; 0 where none is legible. */
  readonly rarest: Estimate;
  readonly inverted: Estimate;
  readonly empty: Estimate;
  /** Fréchet distance to the held-out images, in the judge's features. */
  readonly frechetDistance: Estimate;
}

/** The names of the measures. */
export const judgedMeasures = [
  "energy",
  "legible",
  "rarest",
  "inverted",
  "empty",
  "frechetDistance",
] as const satisfies readonly (keyof JudgedImages)[];

/** What a stage keeps of a frame. */
type JudgedFrame = EstimateNumbers<keyof JudgedImages> & {
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
    const { legible, inverted, empty, frechetDistance, classShares } = measureDigits(
      points(ratesOfStates(states), data.pixels),
      real,
    );
    const least = Object.values(classShares).reduce((a, b) => (b.value < a.value ? b : a));
    const rarest = legible.value > 0 ? least : { ...least, value: 0 };
    const energy = scaled(meanEstimate(energies), 1 / units);
    return {
      states: states.slice(0, shown * units),
      ...numbersOf({ energy, legible, rarest, inverted, empty, frechetDistance }),
    };
  };
}

/** Operations of judging `count` images: the judge's layers, its distance, and the nearest of 3000 training images. */
export const judgeOperations = (count: number): number => 7e6 * count + 5e8;
