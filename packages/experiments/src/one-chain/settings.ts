// Trainings with one chain that is averaged over time.
import type { AlongTrainingSettings } from "../along-training/settings.js";
import type { Scale } from "../experiment.js";
import { HALF, PUBLISHED, PUBLISHED_STEPS, QUICK } from "../published.js";

const SINGLE = { chains: 1, batch: 100, "held-out": 256 };

export const scales: Readonly<Record<Scale, AlongTrainingSettings>> = {
  // As much time dt·k as published in an eighth of the steps, and 30 states in place of 100.
  quick: {
    training: {
      ...QUICK,
      ...SINGLE,
      "negative-phase": "time-average-320",
      "burn-in": 80,
      thin: 8,
      updates: 2000,
      "checkpoint-every": 100,
    },
    at: [100, 300, 1000],
    chains: 192,
    steps: 1000,
  },
  half: {
    training: {
      ...HALF,
      ...SINGLE,
      "negative-phase": "time-average-1300",
      "burn-in": 300,
      thin: 10,
      updates: 7000,
      "checkpoint-every": 250,
    },
    at: [250, 750, 2000],
    chains: 256,
    steps: 4000,
  },
  // The number of updates is not published; it is that of PCD-10 here.
  paper: {
    training: {
      ...PUBLISHED,
      ...SINGLE,
      "negative-phase": "time-average-2600",
      "burn-in": 600,
      thin: 20,
    },
    at: [1000, 4000, 12_000, 40_000],
    chains: 256,
    steps: PUBLISHED_STEPS.at(-1)!,
  },
};
