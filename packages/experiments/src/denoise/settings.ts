// An associative memory of one image of each label, and how much its images are damaged.
import type { GivenSettings } from "@neural-langevin/runs";
import type { Operations, Scale } from "../experiment.js";
import { samplingOperations, trainingOperations } from "../operations.js";
import { PUBLISHED } from "../published.js";

export interface DenoiseSettings {
  /** The first of its images of each label is stored. */
  readonly training: GivenSettings;
  /** Shares of units that are replaced by uniform noise, ascending, and the one that is shown over time. */
  readonly levels: readonly number[];
  readonly shown: number;
  /** Damaged copies of each image. */
  readonly copies: number;
  readonly dt: number;
  /** Steps at T = 0 after which the chains are measured; the first is 0. */
  readonly steps: readonly number[];
}

/** Ten images, 1000 epochs of Adam at 1e-3, as published. */
const PUBLISHED_DENOISING = {
  training: {
    ...PUBLISHED,
    labels: undefined,
    images: 1000,
    chains: 1,
    batch: 10,
    "negative-phase": "none",
    updates: 1000,
    rate: 1e-3,
  },
  levels: [0, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
  shown: 0.25,
  dt: 0.01,
  steps: [0, 5, 10, 20, 40, 70, 100, 150, 200, 300, 450],
} as const;

// The published setting takes half a minute; only the copies grow.
export const scales: Readonly<Record<Scale, DenoiseSettings>> = {
  quick: { ...PUBLISHED_DENOISING, copies: 20 },
  half: { ...PUBLISHED_DENOISING, copies: 300 },
  paper: { ...PUBLISHED_DENOISING, copies: 1000 },
};

export function operations({ training, levels, copies, steps }: DenoiseSettings): Operations {
  const chains = levels.length * copies * 10;
  return {
    backend: trainingOperations(training) + samplingOperations(chains, steps.at(-1)!),
    // Two Hopfield networks of about five sweeps.
    host: chains * 2 * 5 * 2 * 784 ** 2,
  };
}
