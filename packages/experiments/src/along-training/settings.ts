// A training with a single model chain, and when its machine generates.
import type { GivenSettings } from "@neural-langevin/runs";
import type { Operations } from "../experiment.js";
import { qualityOperations, samplingOperations, trainingOperations } from "../operations.js";

export interface AlongTrainingSettings {
  /** Keeps back as many images as chains generate. */
  readonly training: GivenSettings;
  /** Updates at which the machine generates, besides the last. */
  readonly at: readonly number[];
  /** Chains from N(0, 1), and their steps. */
  readonly chains: number;
  readonly steps: number;
}

/** A single chain reads all couplings for itself, and so takes about this many times as long as one among many. */
const ALONE = 16;

export const operations = (settings: AlongTrainingSettings): Operations => {
  const { training, at, chains, steps } = settings;
  return {
    backend:
      ALONE * trainingOperations(training) + (at.length + 2) * samplingOperations(chains, steps),
    host: (at.length + 3) * qualityOperations(chains),
  };
};
