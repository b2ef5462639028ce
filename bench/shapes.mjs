// What is measured, and how its work is counted.
import { refuse } from "../tooling/src/options.mjs";

/**
 * Floating-point operations of one piece of a shape's work. A Langevin step is two products of [N, N] and
 * [N, B], 4N²B. A training update is k steps, one product for the speeds of each source and one for each
 * correlation, (4k + 8)N²B. Noise, tanh and Adam are not counted.
 */
export const flopOf = ({ kind, units, chains, steps }) =>
  (kind === "steps" ? 4 : 4 * steps + 8) * units * units * chains;

export const nameOf = ({ kind, units, chains, steps }) =>
  kind === "steps"
    ? `Langevin steps, N = ${units}, B = ${chains}`
    : `training updates, N = ${units}, B = ${chains}, k = ${steps}`;

/** `784x1000` for steps, `784x1000x10` for updates of 10 steps. */
export const keyOf = ({ kind, units, chains, steps }) =>
  [units, chains, ...(kind === "steps" ? [] : [steps])].join("x");

export function parseShape(text) {
  const [units, chains, steps] = text.split("x").map(Number);
  const sizes = [units, chains, steps ?? 1];
  if (sizes.some((size) => !Number.isInteger(size) || size < 1)) {
    refuse(`A shape is 784x1000 (N and B) or 784x1000x10 (an update of 10 steps), not ${text}.`);
  }
  return { kind: steps === undefined ? "steps" : "updates", units, chains, steps };
}

export const shapes = ["784x1", "784x10", "784x100", "784x1000", "3072x256", "784x1000x10"];
