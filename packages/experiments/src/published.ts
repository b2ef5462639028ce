// The settings of the paper (arXiv 2506.23546), smaller ones that show the same effects in minutes, and those of the
// antisymmetric start.
import type { GivenSettings } from "@neural-langevin/runs";
import { demoSettings } from "./demo/settings.js";

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
} as const satisfies GivenSettings;

/** The published checkpoints: updates round(201·1.7^i), i = 0 … 12. */
export const PUBLISHED_CHECKPOINTS = Array.from({ length: 13 }, (_, i) =>
  Math.round(201 * 1.7 ** i),
);

/** The published steps of generation: round(5·1.5^i), i = 0 … 21. */
export const PUBLISHED_STEPS = Array.from({ length: 22 }, (_, i) => Math.round(5 * 1.5 ** i));

/**
 * Fewer chains, larger steps and a larger, falling rate: 3.8 TFLOP. After so few updates the bias is still small, and
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
} as const satisfies GivenSettings;

/** A fifth of the published chains, a tenth of the updates. */
export const HALF = {
  ...QUICK,
  chains: 192,
  batch: 192,
  "step-size": 0.02,
  updates: 12_000,
  rate: 5e-4,
  "checkpoint-every": 1000,
} as const satisfies GivenSettings;

/**
 * The antisymmetric start on digits 1, 3 and 6, as the demo has it, without labels: 5.7 TFLOP. Chains begin at the mean of
 * the data, and each begins again every 2000 steps.
 */
export const ANTISYMMETRIC: GivenSettings = {
  ...demoSettings([1, 3, 6]),
  "label-units": 0,
  "checkpoint-every": 500,
};
