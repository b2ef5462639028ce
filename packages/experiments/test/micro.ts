// Settings with which every experiment takes moments, and images for them.
import type { ImageSet } from "@neural-langevin/datasets";

/** Square images with stripes, of as many kinds as there are digits. */
export function stripes(count = 600, side = 6): ImageSet {
  const pixels = side ** 2;
  return {
    width: side,
    height: side,
    count,
    pixels: Uint8Array.from({ length: count * pixels }, (_, place) => {
      const [image, pixel] = [Math.floor(place / pixels), place % pixels];
      const bright = (pixel * (1 + (image % 10))) % 7 < 3;
      return (bright ? 220 : 20) + ((image * 31 + pixel * 7) % 20);
    }),
    labels: Uint8Array.from({ length: count }, (_, image) => image % 10),
    source: "stripes",
  };
}

const training = {
  data: "stripes",
  labels: [1, 3, 6],
  images: 100,
  "held-out": 2,
  updates: 12,
  chains: 8,
  batch: 8,
  temperature: 1,
  "step-size": 0.05,
  integrator: "leimkuhler-matthews",
  "negative-phase": "pcd-3",
  rate: 1e-2,
  "checkpoint-every": 100,
} as const;

/** Images of the size that the judge of digits reads. */
const large = { ...training, data: "large stripes", couplings: "antisymmetric", "held-out": 20 };

/** Settings by the experiment's name. */
export const micro: Readonly<Record<string, object>> = {
  regimes: {
    trainings: [training, { ...training, "negative-phase": "rdm-5" }],
    at: [5],
    chains: 8,
    steps: [2, 5, 9],
  },
  spectrum: { training, at: [5] },
  classes: { training, classes: [2, 3], chains: 8, steps: 9 },
  memorisation: {
    training: { ...training, "held-out": 8 },
    images: [5, 20],
    seeds: 2,
    steps: 9,
    leastSamples: 8,
  },
  exploration: { training, chains: 8, burnIn: 4, frames: 12, between: 2, labelled: 120 },
  "fixed-points": {
    training,
    at: [5],
    starts: 2,
    steps: 9,
    descent: 200,
    newton: 20,
    spectra: 1,
  },
  denoise: {
    training: { ...training, "negative-phase": "none", chains: 1, batch: 10 },
    levels: [0, 0.25],
    shown: 0.25,
    copies: 2,
    dt: 0.05,
    steps: [0, 3, 9],
  },
  "one-sample": {
    training: { ...training, chains: 1, batch: 1, "feedback-off": 2, "held-out": 8 },
    phases: ["pcd-3", "rdm-3"],
    at: [5],
    chains: 8,
    steps: 9,
  },
  "one-chain": {
    training: {
      ...training,
      "negative-phase": "time-average-6",
      "burn-in": 2,
      thin: 2,
      chains: 1,
      "held-out": 8,
    },
    at: [5],
    chains: 8,
    steps: 9,
  },
  latent: {
    training: { ...training, labels: undefined },
    mnist: { data: "stripes", code: 3 },
    fashion: { data: "stripes", code: 4 },
    autoencoder: { hidden: 8, batch: 50, rate: 1e-2, epochs: 3, keptEvery: 2 },
    chains: 8,
    steps: [2, 9],
  },
  bias: { training, chains: 8, stepSizes: [0.05, 0.1], burnIn: 1, states: 4, between: 0.5 },
  start: {
    training: large,
    starts: [{ couplings: "antisymmetric", gain: 2, "step-size": 0.05 }],
    at: [5],
    chains: 12,
    steps: 4,
  },
  age: {
    training: { ...large, "chain-start": "data-mean" },
    restarts: [4],
    chains: 12,
    steps: [2, 9],
  },
};
