// What turns a gradient into the next parameters.
import { requireObject, requireOneOf, requirePositive, requireShare } from "./arguments.js";
import type { Values } from "./network.js";

/** Adam (Kingma & Ba, 2015) or plain stochastic gradient descent. */
export type Optimizer =
  | {
      readonly kind: "adam";
      readonly beta1?: number | undefined;
      readonly beta2?: number | undefined;
      readonly epsilon?: number | undefined;
    }
  | { readonly kind: "sgd" };

/** One optimiser step. */
export interface UpdateStep {
  /** Adam or plain gradient descent. */
  readonly optimizer: Optimizer;
  /** η of this update, after the schedule; at least 0. */
  readonly learningRate: number;
  /** L2 decay: decay·J is added to the gradient of J; the bias does not decay. */
  readonly decay?: number | undefined;
  /** T of the model; the gradient is statistics/T. At T = 0 (energy alone) it is the statistics. */
  readonly temperature: number;
  /** Number of this update, counted from 1; Adam corrects its moments with it. */
  readonly update: number;
}

/** Adam's constants where none are given. */
const adamDefaults = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** The names of all optimisers. */
export const optimizerKinds: readonly Optimizer["kind"][] = ["adam", "sgd"];

/** Adam's constants, with defaults for those that are not given; all defaults for another optimiser. */
export function adamConstants(optimizer: Optimizer): {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
} {
  if (optimizer.kind !== "adam") return adamDefaults;
  const { beta1, beta2, epsilon } = adamDefaults;
  return {
    beta1: optimizer.beta1 ?? beta1,
    beta2: optimizer.beta2 ?? beta2,
    epsilon: optimizer.epsilon ?? epsilon,
  };
}

/**
 * Refuses an optimiser that does not exist or whose constants are outside their domain.
 *
 * @throws invalid-value
 */
export function requireOptimizer(optimizer: Optimizer): void {
  requireObject("optimizer", optimizer);
  requireOneOf("the kind of the optimizer", optimizer.kind, optimizerKinds);
  if (optimizer.kind === "sgd") return;
  const constants = adamConstants(optimizer);
  for (const name of ["beta1", "beta2"] as const) requireShare(name, constants[name]);
  requirePositive("epsilon", constants.epsilon);
}

/** What statistics are divided by to be the gradient: T, or 1 at T = 0, where energies themselves are lowered and raised. */
export const gradientTemperature = (temperature: number): number => temperature || 1;

/** Length of the moments: first moments of J and b, then second moments of J and b. */
export const momentsLength = (units: number): number => 2 * (units * units + units);

/**
 * Changes couplings, bias and moments in place by one optimiser step; J_ii stays as it is.
 *
 * SGD: θ ← θ − η·g. Adam: m ← β₁m + (1−β₁)g, s ← β₂s + (1−β₂)g²,
 * θ ← θ − η·m̂/(√ŝ + ε) with m̂ = m/(1−β₁ᵘ), ŝ = s/(1−β₂ᵘ); g = statistics/T, plus decay·J for J; η is the learning rate.
 *
 * @param parameters J [N][N] and b [N]
 * @param moments shape [2(N² + N)]; untouched by SGD
 * @param statistics shape [N² + N]
 */
export function optimizerStep(
  parameters: { couplings: Values; bias: Values },
  moments: Float64Array,
  statistics: Values,
  step: UpdateStep,
): void {
  const { couplings, bias } = parameters;
  const units = bias.length;
  const { beta1, beta2, epsilon } = adamConstants(step.optimizer);
  const firstCorrection = 1 - beta1 ** step.update;
  const secondCorrection = 1 - beta2 ** step.update;
  const temperature = gradientTemperature(step.temperature);
  for (let index = 0; index < statistics.length; index++) {
    const isCoupling = index < units * units;
    if (isCoupling && index % (units + 1) === 0) continue;
    const target = isCoupling ? couplings : bias;
    const place = isCoupling ? index : index - units * units;
    let gradient = statistics[index]! / temperature;
    if (isCoupling) gradient += (step.decay ?? 0) * target[place]!;
    if (step.optimizer.kind === "sgd") {
      target[place]! -= step.learningRate * gradient;
      continue;
    }
    const second = statistics.length + index;
    moments[index] = beta1 * moments[index]! + (1 - beta1) * gradient;
    moments[second] = beta2 * moments[second]! + (1 - beta2) * gradient * gradient;
    const denominator = Math.sqrt(moments[second] / secondCorrection) + epsilon;
    target[place]! -= (step.learningRate * moments[index]) / firstCorrection / denominator;
  }
}
