// A training, and the searches along it.
import type { GivenSettings } from "@neural-langevin/runs";
import type { Operations, Scale } from "../experiment.js";
import { eigenvaluesOperations, samplingOperations, trainingOperations } from "../operations.js";
import { HALF, PUBLISHED, PUBLISHED_CHECKPOINTS, QUICK } from "../published.js";

export interface FixedPointsSettings {
  readonly training: GivenSettings;
  /** Updates at which fixed points are searched, besides 0 and the last. */
  readonly at: readonly number[];
  /** Starting states of each origin. */
  readonly starts: number;
  /** Langevin steps at T, after which chains from noise count as samples. */
  readonly steps: number;
  /** Steps at T = 0, and Newton steps after them. */
  readonly descent: number;
  readonly newton: number;
  /** Fixed points of each origin and update whose eigenvalues are computed. */
  readonly spectra: number;
}

/** Where a search begins. */
export const origins = ["data", "samples", "noise"] as const;
export type Origin = (typeof origins)[number];

export const scales: Readonly<Record<Scale, FixedPointsSettings>> = {
  // Few images, so that descents end in fewer steps than among thousands.
  quick: {
    training: {
      ...QUICK,
      images: 11,
      "held-out": 256,
      chains: 48,
      "step-size": 0.05,
      updates: 1500,
      rate: 5e-3,
    },
    at: [100, 300, 700],
    starts: 8,
    steps: 1500,
    descent: 20_000,
    newton: 8,
    spectra: 2,
  },
  half: {
    training: { ...HALF, updates: 6000 },
    at: [201, 581, 1679],
    starts: 24,
    steps: 10_000,
    descent: 20_000,
    newton: 20,
    spectra: 8,
  },
  paper: {
    training: PUBLISHED,
    at: PUBLISHED_CHECKPOINTS,
    starts: 100,
    steps: 50_000,
    descent: 100_000,
    newton: 50,
    spectra: 100,
  },
};

export function operations(settings: FixedPointsSettings): Operations {
  const { training, at, starts, steps, descent, newton, spectra } = settings;
  const updates = at.length + 2;
  const searches = updates * origins.length * starts;
  const perSearch = Math.min(newton, 6) * (2 / 3) * 784 ** 3;
  return {
    backend:
      trainingOperations(training) +
      updates * samplingOperations(starts, steps) +
      samplingOperations(searches, descent),
    host: searches * perSearch + updates * origins.length * spectra * eigenvaluesOperations(),
  };
}
