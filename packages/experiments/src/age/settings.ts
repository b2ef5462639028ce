// Ages to which the chains of a training live, and how long its machine generates.
import { type GivenSettings, parseNegativePhase } from "@neural-langevin/runs";
import type { Operations, Scale } from "../experiment.js";
import { judgeOperations } from "../judged.js";
import { samplingOperations, trainingOperations } from "../operations.js";
import { ANTISYMMETRIC } from "../published.js";

export interface AgeSettings {
  readonly training: GivenSettings;
  /** Updates after which a chain begins again; 0 for never. */
  readonly restarts: readonly number[];
  /** Chains that begin where those of the training do, and the steps after which they are judged. */
  readonly chains: number;
  readonly steps: readonly number[];
}

export const scales: Readonly<Record<Scale, AgeSettings>> = {
  quick: {
    training: ANTISYMMETRIC,
    restarts: [25, 100, 400],
    chains: 256,
    steps: [63, 125, 250, 500, 1000, 2000, 4000, 8000],
  },
  half: {
    training: { ...ANTISYMMETRIC, chains: 192, batch: 192 },
    restarts: [12, 25, 50, 100, 200, 400],
    chains: 512,
    steps: [63, 125, 250, 500, 1000, 2000, 4000, 8000, 16_000],
  },
  paper: {
    training: { ...ANTISYMMETRIC, chains: 1000, batch: 1000 },
    restarts: [12, 25, 50, 100, 200, 400, 0],
    chains: 1000,
    steps: [63, 125, 250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000],
  },
};

/** Steps that a chain of the training lives: the whole training where it never begins again. */
export function ageOf(
  { updates, "negative-phase": phase }: GivenSettings,
  restart: number,
): number {
  const negativePhase = parseNegativePhase(phase!);
  const steps = negativePhase.kind === "none" ? 0 : negativePhase.steps;
  return steps * (restart === 0 ? updates! : restart);
}

export function operations({ training, restarts, chains, steps }: AgeSettings): Operations {
  return {
    backend:
      restarts.length * (trainingOperations(training) + samplingOperations(chains, steps.at(-1)!)),
    host: restarts.length * steps.length * judgeOperations(chains),
  };
}
