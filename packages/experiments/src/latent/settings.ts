// Autoencoders of two sets of images, and machines on their codes.
import type { GivenSettings } from "@neural-langevin/runs";
import type { Operations, Scale } from "../experiment.js";
import { samplingOperations, trainingOperations } from "../operations.js";
import { HALF, PUBLISHED, PUBLISHED_STEPS, QUICK } from "../published.js";

/** Images, and the size d of their codes. */
export interface CodeSource {
  readonly data: string;
  readonly code: number;
}

/** An autoencoder that is trained, and how. */
export interface AutoencoderPlan {
  /** Values of an image N, of the hidden layers, and of a code d. */
  readonly units: number;
  readonly hidden: number;
  readonly code: number;
  readonly batch: number;
  /** Adam's learning rate. */
  readonly rate: number;
  readonly seed: number;
}

export interface LatentSettings {
  readonly training: GivenSettings;
  readonly mnist: CodeSource;
  readonly fashion: CodeSource;
  readonly autoencoder: Pick<AutoencoderPlan, "hidden" | "batch" | "rate"> & {
    readonly epochs: number;
    /** Epochs after which the autoencoder is kept. */
    readonly keptEvery: number;
  };
  /** Chains from N(0, 1), as many as images that are kept back, and the steps after which they are measured. */
  readonly chains: number;
  readonly steps: readonly number[];
}

const ALL_LABELS = { labels: undefined };
/** Some directions of the codes have a variance of only 1/20; larger steps become unstable there. */
const CODES = { ...ALL_LABELS, "step-size": 0.02, "negative-phase": "pcd-20", rate: 5e-3 };
const AUTOENCODER = { hidden: 400, batch: 100, rate: 1e-3 };
const SOURCES = {
  mnist: { data: "mnist", code: 20 },
  fashion: { data: "fashion-mnist", code: 30 },
};

export const scales: Readonly<Record<Scale, LatentSettings>> = {
  quick: {
    ...SOURCES,
    training: { ...QUICK, ...CODES, chains: 500, batch: 500, updates: 6000 },
    autoencoder: { ...AUTOENCODER, epochs: 6, keptEvery: 3 },
    chains: 1000,
    steps: PUBLISHED_STEPS.filter((step) => step < 4000),
  },
  half: {
    ...SOURCES,
    training: { ...HALF, ...CODES, images: 50_000, chains: 1000, batch: 1000 },
    autoencoder: { ...AUTOENCODER, epochs: 50, keptEvery: 5 },
    chains: 2000,
    steps: PUBLISHED_STEPS,
  },
  paper: {
    ...SOURCES,
    training: { ...PUBLISHED, ...ALL_LABELS, images: 55_000 },
    autoencoder: { ...AUTOENCODER, epochs: 50, keptEvery: 5 },
    chains: 5000,
    steps: PUBLISHED_STEPS,
  },
};

export function operations(settings: LatentSettings): Operations {
  const { training, mnist, fashion, autoencoder, chains, steps } = settings;
  const perImage = 6 * 2 * autoencoder.hidden * 784;
  const machines = [mnist, fashion].map(
    ({ code }) =>
      trainingOperations(training, code) + samplingOperations(chains, steps.at(-1)!, code),
  );
  return {
    backend: machines.reduce((sum, one) => sum + one),
    // In WebAssembly, TensorFlow.js does some 4 operations in the time of one in JavaScript.
    host:
      (2 * perImage * training.images! * autoencoder.epochs) / 4 +
      2 * steps.length * 12 * chains ** 2 * fashion.code,
  };
}
