// Estimates of how much an experiment computes, before it begins.
import { flopPerUpdate } from "@neural-langevin/core";
import { completeSettings, type GivenSettings, planOf } from "@neural-langevin/runs";

/** Pixels of MNIST's images, with which estimates reckon. */
const UNITS = 784;

/** Operations of a training, by its settings. */
export function trainingOperations(settings: GivenSettings, units = UNITS): number {
  const complete = completeSettings(settings);
  const { chains, updates } = complete;
  const batch = Math.min(complete.batch, complete.images ?? complete.batch);
  return updates * flopPerUpdate({ units, chains, batch }, planOf(complete).negativePhase);
}

/** Operations of Langevin steps: 4N² for each chain and step. */
export const samplingOperations = (chains: number, steps: number, units = UNITS): number =>
  4 * units ** 2 * chains * steps;

/**
 * Operations of the quality of `count` images with its errors: four nearest-neighbour searches, among all and in 4 times 10
 * groups, and two covariances three times.
 */
export const qualityOperations = (count: number, units = UNITS): number =>
  1.4 * 4 * 3 * count ** 2 * units + 3 * 2 * 2 * count * units ** 2;

/** Operations of all eigenvalues of one N × N matrix, with its Schur vectors. */
export const eigenvaluesOperations = (units = UNITS): number => 25 * units ** 3;
