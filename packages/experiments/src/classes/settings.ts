// Trainings on more and more classes of digits.
import type { GivenSettings } from "@neural-langevin/runs";
import type { Operations, Scale } from "../experiment.js";
import { qualityOperations, samplingOperations, trainingOperations } from "../operations.js";
import { HALF, PUBLISHED, PUBLISHED_STEPS, QUICK } from "../published.js";

export interface ClassesSettings {
  readonly training: GivenSettings;
  /** Numbers of classes: 2 is {0, 1}. */
  readonly classes: readonly number[];
  readonly chains: number;
  /** Langevin steps from N(0, 1). */
  readonly steps: number;
}

/** Training images that vote on the class of a generated one. */
export const VOTERS = 2000;

export const scales: Readonly<Record<Scale, ClassesSettings>> = {
  quick: { training: QUICK, classes: [2, 4, 7, 10], chains: 256, steps: 1500 },
  half: {
    training: { ...HALF, updates: 5000 },
    classes: [2, 3, 4, 5, 6, 7, 8, 9, 10],
    chains: 512,
    steps: 5000,
  },
  // 500 epochs of 10 000 images in batches of 1000.
  paper: {
    training: { ...PUBLISHED, updates: 5000 },
    classes: [2, 3, 4, 5, 6, 7, 8, 9, 10],
    chains: 10_000,
    steps: PUBLISHED_STEPS.at(-1)!,
  },
};

export const operations = ({ training, classes, chains, steps }: ClassesSettings): Operations => ({
  backend: classes.length * (trainingOperations(training) + samplingOperations(chains, steps)),
  host: classes.length * (qualityOperations(chains) + 3 * chains * VOTERS * 784),
});
