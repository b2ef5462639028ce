// Trainings with persistent chains and with restarts, and how long their machines generate.
import type { GivenSettings } from "@neural-langevin/runs";
import type { Operations, Scale } from "../experiment.js";
import { qualityOperations, samplingOperations, trainingOperations } from "../operations.js";
import { HALF, PUBLISHED, PUBLISHED_CHECKPOINTS, PUBLISHED_STEPS, QUICK } from "../published.js";

export interface RegimesSettings {
  /** Trainings that differ in their negative phase. */
  readonly trainings: readonly GivenSettings[];
  /** Updates at which machines generate, besides the last. */
  readonly at: readonly number[];
  /** Chains from N(0, 1), and the steps after which they are measured. */
  readonly chains: number;
  readonly steps: readonly number[];
}

export const scales: Readonly<Record<Scale, RegimesSettings>> = {
  quick: {
    trainings: ["pcd-10", "rdm-40"].map((phase) => ({ ...QUICK, "negative-phase": phase })),
    at: [400],
    chains: 256,
    steps: PUBLISHED_STEPS.filter((step) => step < 2500),
  },
  half: {
    trainings: ["pcd-10", "rdm-20", "rdm-100"].map((phase) => ({
      ...HALF,
      updates: 3000,
      "negative-phase": phase,
    })),
    at: [201, 581, 1679],
    chains: 512,
    steps: PUBLISHED_STEPS.filter((step) => step < 6000),
  },
  paper: {
    trainings: [
      { ...PUBLISHED, "negative-phase": "pcd-10" },
      { ...PUBLISHED, "negative-phase": "rdm-500", updates: 24_000 },
    ],
    at: PUBLISHED_CHECKPOINTS,
    chains: 10_000,
    steps: PUBLISHED_STEPS,
  },
};

/** The updates at which a training's machine generates, ascending. */
export const updatesOf = ({ updates }: GivenSettings, at: readonly number[]): number[] => [
  ...at.filter((update) => update < updates!),
  updates!,
];

export function operations({ trainings, at, chains, steps }: RegimesSettings): Operations {
  const machines = trainings.flatMap((training) => updatesOf(training, at)).length;
  return {
    backend:
      trainings.reduce((sum, training) => sum + trainingOperations(training), 0) +
      machines * samplingOperations(chains, steps.at(-1)!),
    host: machines * steps.length * qualityOperations(chains),
  };
}
