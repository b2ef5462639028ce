// What turns a gradient into the next parameters.
import type { Values } from "./network.js";

/** Adam (Kingma & Ba, 2015) or plain stochastic gradient descent. */
export type Optimizer =
  | {
      readonly kind: "adam";
      readonly beta1?: number;
      readonly beta2?: number;
      readonly epsilon?: number;
    }
  | { readonly kind: "sgd" };

/** One optimiser step. */
export interface UpdateStep {
  readonly optimizer: Optimizer;
  /** Learning rate. */
  readonly rate: number;
  /** L2 decay: decay·J is added to the gradient of J; the bias does not decay. */
  readonly decay?: number;
  /** T of the model; the gradient is statistics/T. At T = 0 (energy alone) it is the statistics. */
  readonly temperature: number;
  /** Number of this update, counted from 1; Adam corrects its moments with it. */
  readonly update: number;
}

/** Adam's constants where none are given. */
export const adamDefaults = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** Length of the moments: first moments of J and b, then second moments of J and b. */
export const momentsLength = (units: number): number => 2 * (units * units + units);

/**
 * Changes couplings, bias and moments in place by one optimiser step; J_ii stays as it is.
 *
 * SGD: θ ← θ − rate·g. Adam: m ← β₁m + (1−β₁)g, s ← β₂s + (1−β₂)g²,
 * θ ← θ − rate·m̂/(√ŝ + ε) with m̂ = m/(1−β₁ᵘ), ŝ = s/(1−β₂ᵘ); g = statistics/T, plus decay·J for J.
 *
 * @param parameters J [N][N] and b [N]
 * @param moments shape [2(N² + N)]; untouched by SGD
 * @param statistics shape [N² + N]
 */
export function optimizerStep(
  parameters: { couplings: Values; bias: Values },
  moments: Float64Array,
  statistics: Float64Array,
  step: UpdateStep,
): void {
  const { couplings, bias } = parameters;
  const units = bias.length;
  const { beta1, beta2, epsilon } = { ...adamDefaults, ...step.optimizer };
  const firstCorrection = 1 - beta1 ** step.update;
  const secondCorrection = 1 - beta2 ** step.update;
  const temperature = step.temperature > 0 ? step.temperature : 1;
  for (let index = 0; index < statistics.length; index++) {
    const isCoupling = index < units * units;
    if (isCoupling && index % (units + 1) === 0) continue;
    const target = isCoupling ? couplings : bias;
    const place = isCoupling ? index : index - units * units;
    let gradient = statistics[index]! / temperature;
    if (isCoupling) gradient += (step.decay ?? 0) * target[place]!;
    if (step.optimizer.kind === "sgd") {
      target[place]! -= step.rate * gradient;
      continue;
    }
    const second = statistics.length + index;
    moments[index] = beta1 * moments[index]! + (1 - beta1) * gradient;
    moments[second] = beta2 * moments[second]! + (1 - beta2) * gradient * gradient;
    const denominator = Math.sqrt(moments[second] / secondCorrection) + epsilon;
    target[place]! -= (step.rate * moments[index]) / firstCorrection / denominator;
  }
}
