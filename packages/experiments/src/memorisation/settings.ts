// Trainings on more and more images.
import type { GivenSettings } from "@neural-langevin/runs";
import type { Operations, Scale } from "../experiment.js";
import { qualityOperations, samplingOperations, trainingOperations } from "../operations.js";
import { HALF, PUBLISHED, QUICK } from "../published.js";

export interface MemorisationSettings {
  readonly training: GivenSettings;
  /** Numbers P of training images; the images of a smaller one are among those of a larger. */
  readonly images: readonly number[];
  /** Trainings of each P, each with images, couplings and noise of its own. */
  readonly seeds: number;
  /** Langevin steps from N(0, 1). */
  readonly steps: number;
  /** At least so many samples are compared with the training images; P of them are published. */
  readonly leastSamples: number;
}

/** The published numbers of images, int(5·1.5^i). */
const PUBLISHED_IMAGES = Array.from({ length: 20 }, (_, i) => Math.floor(5 * 1.5 ** i));
/** The number that the published plots mark. */
export const MARKED_IMAGES = 85;

export const scales: Readonly<Record<Scale, MemorisationSettings>> = {
  quick: {
    training: {
      ...QUICK,
      "held-out": 256,
      chains: 48,
      "step-size": 0.05,
      updates: 1500,
      rate: 5e-3,
    },
    images: [5, 11, 25, 56, 85, 192, 432],
    seeds: 1,
    steps: 1000,
    leastSamples: 96,
  },
  half: {
    training: { ...HALF, "held-out": 256, "step-size": 0.05, updates: 2000, rate: 1e-3 },
    images: [...PUBLISHED_IMAGES.filter((_, i) => i < 14 && i % 2 === 0), MARKED_IMAGES].sort(
      (a, b) => a - b,
    ),
    seeds: 3,
    steps: 5000,
    leastSamples: 192,
  },
  paper: {
    training: { ...PUBLISHED, "held-out": 256, updates: 20_000 },
    images: PUBLISHED_IMAGES,
    seeds: 5,
    steps: 50_000,
    leastSamples: 2,
  },
};

export function operations(settings: MemorisationSettings): Operations {
  const { training, images, seeds, steps, leastSamples } = settings;
  let [backend, host] = [0, 0];
  for (const P of images) {
    const samples = Math.max(P, leastSamples);
    const learning = trainingOperations({ ...training, images: P });
    backend += seeds * (learning + samplingOperations(samples, steps));
    host += seeds * (qualityOperations(P) + 3 * (samples + 256) * P * 784);
  }
  return { backend, host };
}
