// Initial couplings to compare, all with the same training.
import type { GivenSettings, TrainingSettings } from "@neural-langevin/runs";
import type { Operations, Scale } from "../experiment.js";
import { judgeOperations } from "../judged.js";
import { eigenvaluesOperations, samplingOperations, trainingOperations } from "../operations.js";
import { ANTISYMMETRIC } from "../published.js";

/** One kind of initial couplings, with the step size that suits its stiffness. */
export type Start = Pick<TrainingSettings, "couplings" | "gain" | "step-size">;

export interface StartSettings {
  readonly training: GivenSettings;
  readonly starts: readonly Start[];
  /** Updates at which machines generate, besides the last. */
  readonly at: readonly number[];
  /** Chains that begin where those of the training do, and their steps. */
  readonly chains: number;
  readonly steps: number;
}

/** Steps are chosen so that dt·g² is about 2.5, but for the Gaussian start of the paper. */
const starts: readonly Start[] = [
  { couplings: "gaussian", gain: 2, "step-size": 0.1 },
  { couplings: "gaussian", gain: 4, "step-size": 0.1 },
  { couplings: "orthogonal", gain: 4, "step-size": 0.1 },
  { couplings: "antisymmetric", gain: 4, "step-size": 0.1 },
  { couplings: "antisymmetric", gain: 6, "step-size": 0.07 },
];

const more: readonly Start[] = [
  ...starts.slice(0, 2),
  { couplings: "gaussian", gain: 6, "step-size": 0.05 },
  { couplings: "orthogonal", gain: 4, "step-size": 0.1 },
  { couplings: "orthogonal", gain: 6, "step-size": 0.05 },
  { couplings: "antisymmetric", gain: 2, "step-size": 0.2 },
  ...starts.slice(3),
  { couplings: "antisymmetric", gain: 8, "step-size": 0.04 },
];

export const scales: Readonly<Record<Scale, StartSettings>> = {
  quick: { training: ANTISYMMETRIC, starts, at: [250, 500, 1000], chains: 256, steps: 2000 },
  half: {
    training: { ...ANTISYMMETRIC, updates: 8000, "checkpoint-every": 1000 },
    starts,
    at: [250, 500, 1000, 2000, 4000],
    chains: 512,
    steps: 2000,
  },
  paper: {
    training: {
      ...ANTISYMMETRIC,
      chains: 1000,
      batch: 1000,
      updates: 20_000,
      "checkpoint-every": 1000,
    },
    starts: more,
    at: [250, 500, 1000, 2000, 4000, 8000],
    chains: 1000,
    steps: 2000,
  },
};

export function operations({ training, starts, at, chains, steps }: StartSettings): Operations {
  const machines = starts.length * (at.length + 1);
  return {
    backend:
      starts.length * trainingOperations(training) + machines * samplingOperations(chains, steps),
    host: machines * judgeOperations(chains) + 2 * starts.length * eigenvaluesOperations(),
  };
}
