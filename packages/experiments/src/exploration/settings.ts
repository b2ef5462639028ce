// One machine, and how long its chains are followed.
import type { GivenSettings } from "@neural-langevin/runs";
import type { Operations, Scale } from "../experiment.js";
import { samplingOperations, trainingOperations } from "../operations.js";
import { HALF, PUBLISHED, QUICK } from "../published.js";

export interface ExplorationSettings {
  readonly training: GivenSettings;
  readonly chains: number;
  /** Langevin steps from N(0, 1) before the first frame, frames, and steps between two of them. */
  readonly burnIn: number;
  readonly frames: number;
  readonly between: number;
  /** Labelled images that vote on classes; the training images are the first of them. */
  readonly labelled: number;
}

export const scales: Readonly<Record<Scale, ExplorationSettings>> = {
  quick: {
    training: { ...QUICK, images: 288 },
    chains: 96,
    burnIn: 2000,
    frames: 300,
    between: 40,
    labelled: 1500,
  },
  half: {
    training: { ...HALF, images: 288, updates: 6000 },
    chains: 96,
    burnIn: 20_000,
    frames: 600,
    between: 50,
    labelled: 3000,
  },
  paper: {
    training: { ...PUBLISHED, images: 288, updates: 20_000 },
    chains: 100,
    burnIn: 120_000,
    frames: 600,
    between: 50,
    labelled: 5000,
  },
};

export const operations = (settings: ExplorationSettings): Operations => {
  const { training, chains, burnIn, frames, between, labelled } = settings;
  return {
    backend: trainingOperations(training) + samplingOperations(chains, burnIn + frames * between),
    host: 2 * frames * chains * labelled * 784 + 20 * 784 ** 3,
  };
};
