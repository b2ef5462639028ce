// The door of every session: what the contract says about arguments, in one place, so that all
// backends refuse the same things with the same words and bad input never reaches a kernel.
import type { AdvanceRun, Measure, SessionSpec, Slot, Source } from "./backend.js";
import {
  LangevinError,
  requireFinite,
  requireInteger,
  requireLength,
  requireNonNegative,
  requirePositive,
} from "./errors.js";
import { integrators } from "./integrator.js";
import { statisticsLength } from "./learning-rule.js";
import { momentsLength, type UpdateStep } from "./optimizer.js";

/**
 * A session's spec with its defaults filled in.
 *
 * @param limits the device's, from its report
 * @throws invalid-value, unsupported
 */
export function resolveSpec(
  spec: SessionSpec,
  limits: { readonly units: number; readonly chains: number },
): Required<SessionSpec> {
  const resolved = { firstChain: 0, batch: 0, activation: "tanh" as const, ...spec };
  requireInteger("units", resolved.units, 1);
  requireInteger("chains", resolved.chains, 1);
  requireInteger("batch", resolved.batch, 0);
  requireInteger("firstChain", resolved.firstChain, 0);
  requireInteger("seed", resolved.seed, 0);
  if (resolved.firstChain + resolved.chains > 2 ** 32) {
    throw new LangevinError("invalid-value", "Chain numbers must stay below 2³².");
  }
  if (resolved.activation !== "tanh" && resolved.activation !== "identity") {
    throw new LangevinError(
      "invalid-value",
      `activation must be "tanh" or "identity", not "${resolved.activation}".`,
    );
  }
  for (const [name, size, limit] of [
    ["units", resolved.units, limits.units],
    ["chains", resolved.chains, limits.chains],
    ["batch", resolved.batch, limits.chains],
  ] as const) {
    if (size > limit) {
      throw new LangevinError(
        "unsupported",
        `${size} ${name} are more than the ${limit} that this device can hold.`,
        "Take a smaller machine or another backend.",
      );
    }
  }
  return resolved;
}

/** Length of a full slot; of `batch`, the length with all its rows. */
export function slotLength(spec: Required<SessionSpec>, slot: Slot): number {
  switch (slot) {
    case "couplings":
      return spec.units * spec.units;
    case "bias":
      return spec.units;
    case "chains":
      return spec.chains * spec.units;
    case "batch":
      return spec.batch * spec.units;
    case "moments":
      return momentsLength(spec.units);
    case "statistics":
      return statisticsLength(spec.units);
    default:
      throw new LangevinError("invalid-value", `There is no slot "${String(slot)}".`);
  }
}

/** Refuses values that do not fit a slot. Throws wrong-length, not-finite. */
export function requireSlotValues(
  spec: Required<SessionSpec>,
  slot: Slot,
  values: Float32Array,
): void {
  const length = slotLength(spec, slot);
  if (slot !== "batch") requireLength(slot, values, length);
  else if (values.length === 0 || values.length > length || values.length % spec.units !== 0) {
    throw new LangevinError(
      "wrong-length",
      `batch takes 1 to ${spec.batch} states of ${spec.units} units, not ${values.length} values.`,
    );
  }
  requireFinite(slot, values);
}

/** Refuses a source without states. Throws invalid-value. */
export function requireSource(source: Source, batchRows: number): void {
  if (source !== "chains" && source !== "batch") {
    throw new LangevinError("invalid-value", `There is no source "${String(source)}".`);
  }
  if (source === "batch" && batchRows === 0) {
    throw new LangevinError(
      "invalid-value",
      "The batch is empty.",
      'Open the session with room for a batch and write("batch", states) first.',
    );
  }
}

/** Refuses a measure that does not exist. Throws invalid-value. */
export function requireMeasure(what: Measure): void {
  if (what !== "energy" && what !== "virial") {
    throw new LangevinError("invalid-value", `There is no measure "${String(what)}".`);
  }
}

/** Refuses stream and step numbers of noise that do not exist. Throws invalid-value. */
export function requireRestart(stream: number, step: number): void {
  requireInteger("stream", stream, 0);
  if (stream > 0xffff_ffff) {
    throw new LangevinError("invalid-value", `stream must be below 2³², not ${stream}.`);
  }
  requireInteger("step", step, 0);
}

/** Refuses Langevin steps that cannot be taken. Throws invalid-value, wrong-length. */
export function requireRun(spec: Required<SessionSpec>, run: AdvanceRun): void {
  requireInteger("firstStep", run.firstStep, 0);
  requireInteger("steps", run.steps, 1);
  requireInteger("the step after the last", run.firstStep + run.steps, 1);
  requirePositive("dt", run.dt);
  if (typeof run.temperature === "number") requireNonNegative("temperature", run.temperature);
  else {
    requireLength("temperature", run.temperature, spec.chains);
    for (const temperature of run.temperature) requireNonNegative("temperature", temperature);
  }
  if (!integrators.includes(run.integrator)) {
    throw new LangevinError(
      "invalid-value",
      `integrator must be one of ${integrators.join(", ")}, not "${String(run.integrator)}".`,
    );
  }
  if (run.feedbackFrom !== undefined && run.feedbackFrom !== Number.POSITIVE_INFINITY) {
    requireInteger("feedbackFrom", run.feedbackFrom, 0);
  }
  if (run.pinned) requireLength("pinned", run.pinned, spec.units);
}

/** Refuses a weight that is not finite. Throws not-finite. */
export function requireWeight(weight: number): void {
  if (!Number.isFinite(weight)) {
    throw new LangevinError("not-finite", `weight must be finite, not ${weight}.`);
  }
}

/** Refuses an optimiser step that cannot be taken. Throws invalid-value. */
export function requireUpdate(step: UpdateStep): void {
  requireNonNegative("rate", step.rate);
  requireNonNegative("decay", step.decay ?? 0);
  requireNonNegative("temperature", step.temperature);
  requireInteger("update", step.update, 1);
  const { optimizer } = step;
  if (optimizer.kind === "adam") {
    for (const name of ["beta1", "beta2"] as const) {
      const value = optimizer[name] ?? 0;
      if (!(value >= 0 && value < 1)) {
        throw new LangevinError("invalid-value", `${name} must lie in [0, 1), not ${value}.`);
      }
    }
    requirePositive("epsilon", optimizer.epsilon ?? 1e-8);
  } else if (optimizer.kind !== "sgd") {
    throw new LangevinError("invalid-value", `optimizer must be "adam" or "sgd".`);
  }
}

/** The failure of a call on something that is closed. */
export const closedError = (what: "session" | "backend"): LangevinError =>
  new LangevinError("closed", `This ${what} is closed.`);
