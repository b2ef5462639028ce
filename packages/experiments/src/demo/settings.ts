// The settings of the demo.
import type { GivenSettings } from "@neural-langevin/runs";

/**
 * The antisymmetric start on 10 000 images of MNIST: couplings stiff in every direction, and chains that begin at the
 * mean of the data and again every 2000 steps. Up to three digits take a smaller gain and a larger step than ten;
 * docs/notes/antisymmetric-start.md has what was measured.
 *
 * @param labels digits to learn; all ten unless given
 */
export const demoSettings = (labels?: readonly number[]): GivenSettings => ({
  labels,
  images: 10_000,
  "label-units": 10,
  "held-out": 1000,
  couplings: "antisymmetric",
  ...(labels && labels.length <= 3
    ? { gain: 6, "step-size": 0.07 }
    : { gain: 8, "step-size": 0.04 }),
  chains: 96,
  batch: 96,
  "chain-start": "data-mean",
  "restart-every": 200,
  updates: 2000,
  rate: 4e-4,
  "average-from": 0.6,
});
