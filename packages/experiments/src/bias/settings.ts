// One machine, sampled with both integrators at several step sizes for the same time.
import { integrators, LangevinError } from "@neural-langevin/core";
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

/**
 * Refuses times at which no states can be taken, or the same one twice.
 *
 * @throws invalid-value, with the setting and its value
 */
export function requireTimes({ stepSizes, burnIn, states, between }: BiasSettings): void {
  const largest = Math.max(...stepSizes);
  const refuse = (name: string, wanted: string, value: number) => {
    throw new LangevinError(
      "invalid-value",
      `The setting ${name} of bias must be ${wanted}, not ${value}.`,
    );
  };
  for (const dt of stepSizes) if (!(dt > 0)) refuse("stepSizes", "numbers above 0", dt);
  if (!(burnIn >= 0)) refuse("burnIn", "a time of at least 0", burnIn);
  if (!Number.isInteger(states) || states < 2)
    refuse("states", "a whole number of at least 2", states);
  if (!(between >= largest))
    refuse("between", `a time of at least the largest step size, ${largest}`, between);
}

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
