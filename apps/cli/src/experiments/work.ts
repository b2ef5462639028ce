// How much an experiment computes, for estimates before it begins.
import { flopPerUpdate } from "@neural-langevin/core";
import { completeSettings, planOf, type TrainingSettings } from "@neural-langevin/runs";

/** Operations of a training, with `images` of the settings or as many as a batch. */
export function trainingFlop(config: Partial<TrainingSettings>, units = 784): number {
  const complete = completeSettings(config);
  const { chains, updates } = complete;
  const batch = Math.min(complete.batch, complete.images ?? complete.batch);
  return updates * flopPerUpdate({ units, chains, batch }, planOf(complete).negativePhase);
}

/** Operations of Langevin steps: 4N² for each chain and step. */
export const stepsFlop = (chains: number, steps: number, units = 784): number =>
  4 * units ** 2 * chains * steps;

/** Operations of the adversarial accuracy and E⁽²⁾ of `count` images: four searches, two covariances. */
export const qualityFlop = (count: number, units = 784): number =>
  4 * 3 * count ** 2 * units + 2 * 2 * count * units ** 2;

/** Operations of all eigenvalues of one matrix, with its Schur vectors. */
export const eigenvaluesFlop = (units = 784): number => 25 * units ** 3;
