// How a trained machine is sampled unless a call says otherwise: with its own step size and temperature, from where its
// training's chains began, and for twice as long as those lived.
import type { ChainGaussian, Integrator, Stage } from "@neural-langevin/core";
import type { StoredNetwork } from "./machine-file.js";
import { parseNegativePhase } from "./negative-phase-name.js";
import type { TrainingSettings } from "./settings.js";

/** A network and the settings that it was trained with. */
export interface TrainedMachine {
  /** J, b, and what its file says of them. */
  readonly network: StoredNetwork;
  /** All of its training. */
  readonly settings: TrainingSettings;
}

/** How the chains of a machine are run. */
export interface Dynamics {
  /** Langevin steps. */
  readonly steps: number;
  /** T. */
  readonly temperature: number;
  /** Time per step. */
  readonly dt: number;
  /** How a step is taken. */
  readonly integrator: Integrator;
  /** Where chains begin. */
  readonly chainStart: ChainGaussian;
}

/** Some of `Dynamics`. */
export type GivenDynamics = { readonly [Name in keyof Dynamics]?: Dynamics[Name] | undefined };

/** Steps of chains whose training does not say how long they live. */
const STEPS = 2000;

/**
 * How a machine is sampled: as is given, else as its file says, else as the settings of its training say.
 *
 * @throws invalid-value, for settings that no training has
 */
export const dynamicsOf = (
  { network: { sampling }, settings }: TrainedMachine,
  given: GivenDynamics = {},
): Dynamics => ({
  steps: given.steps ?? stepsOf(settings),
  temperature: given.temperature ?? sampling?.temperature ?? settings.temperature,
  dt: given.dt ?? sampling?.dt ?? settings["step-size"],
  integrator: given.integrator ?? settings.integrator,
  chainStart: given.chainStart ?? sampling?.chainStart ?? {},
});

/**
 * Twice as many steps as the chains of the training lived, `restart-every` updates of k steps each: images are best there,
 * and worse long after it. The experiment `age` measures it.
 */
function stepsOf(settings: TrainingSettings): number {
  const phase = parseNegativePhase(settings["negative-phase"], {
    restartEvery: settings["restart-every"] || undefined,
    burnIn: settings["burn-in"],
    every: settings.thin,
    temperatures: settings.ladder,
  });
  return phase.kind === "persistent" && phase.restartEvery
    ? 2 * phase.restartEvery * phase.steps
    : STEPS;
}

/** The stages that cool chains to T = 0, which takes the thermal noise out of an image. */
export const cooling: readonly Stage[] = [0.6, 0.3, 0.1, 0].map((temperature) => ({
  steps: 200,
  temperature,
}));
