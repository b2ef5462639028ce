// Trainings on one image and one chain at a time.
import {
  type AlongTrainingSettings,
  operations as operationsOfOne,
} from "../along-training/settings.js";
import type { Operations, Scale } from "../experiment.js";
import { HALF, PUBLISHED, PUBLISHED_STEPS, QUICK } from "../published.js";

export interface OneSampleSettings extends AlongTrainingSettings {
  /** Negative phases, each of a training of its own. */
  readonly phases: readonly string[];
}

const ONLINE = { images: 1000, "held-out": 256, chains: 1, batch: 1, rate: 5e-4, decay: 5e-6 };

export const scales: Readonly<Record<Scale, OneSampleSettings>> = {
  // As much time dt·k as published in an eighth of the steps.
  quick: {
    training: { ...QUICK, ...ONLINE, "feedback-off": 20, updates: 4000 },
    phases: ["pcd-80", "rdm-80"],
    at: [250, 1000],
    chains: 192,
    steps: 1000,
  },
  half: {
    training: { ...HALF, ...ONLINE, "feedback-off": 75, updates: 20_000 },
    phases: ["pcd-300", "rdm-300"],
    at: [500, 1500, 5000],
    chains: 256,
    steps: 4000,
  },
  // 120 epochs of 1000 images.
  paper: {
    training: { ...PUBLISHED, ...ONLINE, "feedback-off": 150, updates: 120_000 },
    phases: ["pcd-600", "rdm-600"],
    at: [1000, 4000, 12_000, 40_000],
    chains: 256,
    steps: PUBLISHED_STEPS.at(-1)!,
  },
};

/** The settings of the training with one of the phases. */
export const withPhase = (
  settings: AlongTrainingSettings,
  phase: string,
): AlongTrainingSettings => ({
  ...settings,
  training: { ...settings.training, "negative-phase": phase },
});

export function operations({ phases, ...settings }: OneSampleSettings): Operations {
  const all = phases.map((phase) => operationsOfOne(withPhase(settings, phase)));
  return {
    backend: all.reduce((sum, { backend }) => sum + backend, 0),
    host: all.reduce((sum, { host }) => sum + host, 0),
  };
}
