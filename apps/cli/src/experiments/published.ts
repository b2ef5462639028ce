// The settings of the paper (arXiv 2506.23546), and the smaller ones with which the same effects are seen in minutes.
import type { TrainingSettings } from "@neural-langevin/runs";

/** PCD-10 on 10 000 images of digits 1, 3 and 6, as published. */
export const PUBLISHED = {
  data: "mnist",
  labels: [1, 3, 6],
  images: 10_000,
  "held-out": 2,
  gain: 2,
  chains: 1000,
  batch: 1000,
  temperature: 1,
  "step-size": 0.01,
  integrator: "euler-maruyama",
  "negative-phase": "pcd-10",
  updates: 120_000,
  rate: 5e-5,
  schedule: "constant",
  decay: 5e-7,
  "checkpoint-every": 1000,
} as const satisfies Partial<TrainingSettings>;

/** The published checkpoints: updates round(201·1.7^i), i = 0 … 12. */
export const PUBLISHED_CHECKPOINTS = Array.from({ length: 13 }, (_, i) =>
  Math.round(201 * 1.7 ** i),
);

/** The published steps of generation: round(5·1.5^i), i = 0 … 21. */
export const PUBLISHED_STEPS = Array.from({ length: 22 }, (_, i) => Math.round(5 * 1.5 ** i));

/**
 * Fewer chains, larger steps and a larger, falling rate: 3.8 TFLOP. After fewer updates the bias is still small, and
 * machines generate negatives of digits as often as digits.
 */
export const QUICK = {
  ...PUBLISHED,
  chains: 64,
  batch: 64,
  "step-size": 0.08,
  integrator: "leimkuhler-matthews",
  updates: 2000,
  rate: 1e-3,
  schedule: "linear",
  "checkpoint-every": 500,
} as const satisfies Partial<TrainingSettings>;

/** A fifth of the published chains, a tenth of the updates. */
export const HALF = {
  ...QUICK,
  chains: 192,
  batch: 192,
  "step-size": 0.02,
  updates: 12_000,
  rate: 5e-4,
  "checkpoint-every": 1000,
} as const satisfies Partial<TrainingSettings>;
