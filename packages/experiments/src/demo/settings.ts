// The settings of the demo, small and as published.
import type { GivenSettings } from "@neural-langevin/runs";

/**
 * The antisymmetric start on 10 000 images of MNIST: couplings stiff in every direction, and chains that begin at the
 * mean of the data and again after about a thousand steps. Ten digits have two kinds each, with five copies of their
 * units; up to three have one, a smaller gain, a larger step and more compute. docs/notes/antisymmetric-start.md has
 * what was measured.
 *
 * @param labels digits to learn; all ten unless given
 */
export const demoSettings = (labels?: readonly number[]): GivenSettings => ({
  labels,
  images: 10_000,
  "held-out": 1000,
  couplings: "antisymmetric",
  ...(labels && labels.length <= 3
    ? {
        "label-units": 10,
        gain: 6,
        "step-size": 0.07,
        chains: 96,
        batch: 96,
        "restart-every": 200,
        updates: 2000,
        rate: 4e-4,
        "average-from": 0.6,
      }
    : {
        "label-units": 5,
        "label-kinds": 2,
        gain: 8,
        "step-size": 0.04,
        chains: 40,
        batch: 40,
        "negative-phase": "pcd-4",
        "restart-every": 250,
        updates: 1000,
        rate: 1e-3,
        "average-from": 0.6,
      }),
  "chain-start": "data-mean",
});

/** The published setting, PCD-10 with a thousand chains, and its steps of generation. */
export const publishedDemo: { readonly settings: GivenSettings; readonly steps: number } = {
  settings: {
    labels: [1, 3, 6],
    images: 10_000,
    chains: 1000,
    batch: 1000,
    "step-size": 0.01,
    integrator: "euler-maruyama",
    updates: 120_000,
    rate: 5e-5,
    schedule: "constant",
    "checkpoint-every": 1000,
  },
  steps: 24_939,
};
