// One machine, sampled with both integrators at several step sizes for the same time.
import { integrators } from "@neural-langevin/core";
import type { GivenSettings } from "@neural-langevin/runs";
import type { Operations, Scale } from "../experiment.js";
import { samplingOperations, trainingOperations } from "../operations.js";
import { HALF, PUBLISHED, QUICK } from "../published.js";

export interface BiasSettings {
  readonly training: GivenSettings;
  readonly chains: number;
  /** Ascending. */
  readonly stepSizes: readonly number[];
  /** Time dt·steps before the first state that counts. */
  readonly burnIn: number;
  /** States that count, and the time between two of them. */
  readonly states: number;
  readonly between: number;
}

export const scales: Readonly<Record<Scale, BiasSettings>> = {
  quick: {
    training: { ...QUICK, updates: 600 },
    chains: 96,
    stepSizes: [0.01, 0.02, 0.04, 0.08, 0.12],
    burnIn: 20,
    states: 20,
    between: 1,
  },
  half: {
    training: HALF,
    chains: 480,
    stepSizes: [0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12],
    burnIn: 100,
    states: 50,
    between: 2,
  },
  paper: {
    training: PUBLISHED,
    chains: 1000,
    stepSizes: [0.0025, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12],
    burnIn: 500,
    states: 100,
    between: 5,
  },
};

/** Steps after which a state counts. */
export const stepsAt = (settings: BiasSettings, dt: number): number[] =>
  Array.from({ length: settings.states }, (_, state) =>
    Math.round((settings.burnIn + state * settings.between) / dt),
  );

export function operations(settings: BiasSettings): Operations {
  const { training, chains, stepSizes } = settings;
  const steps = stepSizes.reduce((sum, dt) => sum + stepsAt(settings, dt).at(-1)!, 0);
  return {
    backend: trainingOperations(training) + integrators.length * samplingOperations(chains, steps),
    host: 0,
  };
}
