// Between the settings of a training and what core takes: its plan, its network and its session.
import {
  antisymmetricNetwork,
  type ChainGaussian,
  type CompleteTrainingPlan,
  dataStart,
  fittedBias,
  gaussianStart,
  type InitialNetwork,
  LangevinError,
  orthogonalNetwork,
  randomNetwork,
  type SessionSpec,
  type WorkOptions,
} from "@neural-langevin/core";
import { adamConstants } from "@neural-langevin/core/backend";
import { formatNegativePhase, parseNegativePhase } from "./negative-phase-name.js";
import type { GivenSettings, TrainingSettings } from "./settings.js";

/**
 * The plan that settings describe, but for its `chainStart`, which depends on the data (see `chainStartOf`).
 *
 * @throws invalid-value, for a time average that no state enters, a ladder that does not begin at the temperature, and
 *   missing numbers without a negative phase
 */
export function planOf(settings: TrainingSettings): CompleteTrainingPlan {
  requirePhase(settings);
  return {
    updates: settings.updates,
    batch: settings.batch,
    negativePhase: parseNegativePhase(settings["negative-phase"], {
      feedbackOffSteps: settings["feedback-off"],
      restartEvery: settings["restart-every"] || undefined,
      burnIn: settings["burn-in"],
      every: settings.thin,
      temperatures: settings.ladder,
    }),
    temperature: settings.temperature,
    dt: settings["step-size"],
    integrator: settings.integrator,
    optimizer: { kind: settings.optimizer },
    learningRate: settings.rate,
    schedule: { kind: settings.schedule, warmUp: settings["warm-up"] },
    clip: settings.clip,
    decay: settings.decay,
    dataNoise: settings["data-noise"],
    averageFrom: settings["average-from"] < 1 ? settings["average-from"] : undefined,
  };
}

/** Refuses what the negative phase does not go with, before anything is written. */
function requirePhase({ ladder, missing, temperature, ...settings }: TrainingSettings): void {
  const phase = settings["negative-phase"];
  if (missing === "pin" && settings["data-noise"] > 0) {
    throw new LangevinError(
      "invalid-value",
      "Data with missing numbers are learned without noise, but data-noise is given.",
      "Leave data-noise out.",
    );
  }
  if (missing === "pin" && phase === "none") {
    throw new LangevinError(
      "invalid-value",
      "Missing numbers are sampled in the steps of the negative phase, but there is none.",
      "For example, negative-phase: pcd-10.",
    );
  }
  if (ladder && phase.startsWith("tempering") && ladder[0] !== temperature) {
    throw new LangevinError(
      "invalid-value",
      `The ladder begins at ${ladder[0]}, but the machine has the temperature ${temperature}.`,
      `Begin it with ${temperature}.`,
    );
  }
}

/** Directions of `chain-start: data-gaussian`; of images of three digits they hold 0.84 of the variance. */
const COMPONENTS = 50;

/**
 * Where the chains of a training begin: N(0, σ²) with σ = `chain-spread`, with `chain-start: data-mean` the mean of its data
 * plus N(0, σ²), or with `data-gaussian` draws of the Gaussian with their mean and the leading part of their covariance, plus
 * N(0, σ²).
 *
 * @throws wrong-length, for states that are not whole rows
 */
export function chainStartOf(
  settings: Pick<TrainingSettings, "chain-start" | "chain-spread">,
  { states, units }: { readonly units: number; readonly states: Float32Array },
): ChainGaussian {
  const spread = settings["chain-spread"];
  switch (settings["chain-start"]) {
    case "noise":
      return spread === 1 ? {} : { spread };
    case "data-mean":
      return dataStart(states, units, spread);
    case "data-gaussian":
      return gaussianStart(states, units, { components: COMPONENTS, spread });
  }
}

/**
 * The settings that describe a plan, but for `chain-start` and `chain-spread`; `planOf` is the inverse.
 *
 * @throws invalid-value, for Adam with other constants than its defaults, for which there are no settings
 */
export function settingsOfPlan(plan: CompleteTrainingPlan): GivenSettings {
  const { negativePhase, optimizer, schedule } = plan;
  const constants = Object.entries(adamConstants(optimizer));
  const defaults = adamConstants({ kind: "adam" });
  const other = constants.find(
    ([name, value]) => value !== defaults[name as keyof typeof defaults],
  );
  if (other) {
    throw new LangevinError(
      "invalid-value",
      `No setting stands for a ${other[0]} of ${other[1]}.`,
      "Settings take Adam with its default constants.",
    );
  }
  return {
    updates: plan.updates,
    batch: plan.batch,
    "negative-phase": formatNegativePhase(negativePhase),
    "feedback-off": negativePhase.kind === "none" ? undefined : negativePhase.feedbackOffSteps,
    "restart-every":
      negativePhase.kind === "persistent" ? (negativePhase.restartEvery ?? 0) : undefined,
    "burn-in": negativePhase.kind === "time-average" ? negativePhase.burnIn : undefined,
    thin: negativePhase.kind === "time-average" ? negativePhase.every : undefined,
    ladder: negativePhase.kind === "tempering" ? negativePhase.temperatures : undefined,
    temperature: plan.temperature,
    "step-size": plan.dt,
    integrator: plan.integrator,
    optimizer: optimizer.kind,
    rate: plan.learningRate,
    schedule: schedule.kind,
    "warm-up": schedule.warmUp,
    clip: plan.clip,
    decay: plan.decay,
    "data-noise": plan.dataNoise,
    "average-from": plan.averageFrom ?? 1,
  };
}

/** Initial networks by the setting `couplings`. */
const starts = {
  gaussian: randomNetwork,
  orthogonal: orthogonalNetwork,
  antisymmetric: antisymmetricNetwork,
};

/**
 * The network that a training begins with: J_ij = (g/√N)·ξ_ij, or with `couplings: orthogonal` or `antisymmetric` the
 * one of `orthogonalNetwork` or `antisymmetricNetwork`; and b = 0 or, with `initial-bias: data`, b = ⟨x⟩ − J⟨φ(x)⟩ over the
 * data (see `fittedBias`).
 *
 * @param data.states shape [images][N]
 * @returns J of shape [N][N] and b of shape [N]
 * @throws invalid-value; wrong-length, for states that are not whole rows; aborted
 */
export async function initialNetwork(
  settings: Pick<TrainingSettings, "couplings" | "gain" | "seed" | "initial-bias">,
  data: { readonly units: number; readonly states: Float32Array },
  options: Pick<WorkOptions, "signal"> = {},
): Promise<InitialNetwork> {
  const { gain, seed } = settings;
  const network = starts[settings.couplings]({ units: data.units, gain, seed });
  if (settings["initial-bias"] === "zero") return network;
  return { ...network, bias: await fittedBias(network, data.states, options) };
}

/** The session that a training needs; a batch is never larger than the data. */
export const sessionOf = (
  settings: Pick<TrainingSettings, "chains" | "batch" | "seed" | "average-from">,
  data: { readonly units: number; readonly states: Float32Array },
): SessionSpec => ({
  units: data.units,
  chains: settings.chains,
  batch: Math.min(settings.batch, data.states.length / data.units),
  seed: settings.seed,
  averages: settings["average-from"] < 1,
});
