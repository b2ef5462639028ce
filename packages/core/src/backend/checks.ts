// What the contract says about arguments, in one place, so that all backends refuse the same things
// with the same words and bad input never reaches a kernel.
import { activations } from "../activation.js";
import {
  requireArray,
  requireFinite,
  requireInteger,
  requireLength,
  requireNonNegative,
  requireObject,
  requireOneOf,
  requirePositive,
} from "../arguments.js";
import { LangevinError } from "../errors.js";
import { integrators } from "../integrator.js";
import { statisticsLength } from "../learning-rule.js";
import { momentsLength, requireOptimizer, type UpdateStep } from "../optimizer.js";
import {
  type AdvanceRun,
  type Backend,
  type ChainDraw,
  CONTRACT_VERSION,
  type Measure,
  type ResolvedSpec,
  type SessionSpec,
  type Slot,
  type Source,
} from "./contract.js";

const slots: readonly Slot[] = [
  "couplings",
  "bias",
  "chains",
  "batch",
  "moments",
  "statistics",
  "averages",
];
const sources: readonly Source[] = ["chains", "batch"];
const measures: readonly Measure[] = ["energy", "virial"];

/**
 * Refuses a backend of another version of the contract than this package's.
 *
 * @param subject what is refused, as a sentence begins with it
 * @throws unsupported
 */
export function requireContract(backend: Backend, subject = `The backend "${backend.id}"`): void {
  const { contractVersion: version } = backend;
  if (version === CONTRACT_VERSION) return;
  const found = version === undefined ? "states no version" : `holds version ${String(version)}`;
  throw new LangevinError(
    "unsupported",
    `${subject} ${found} of the contract, but this version of @neural-langevin/core needs version ${CONTRACT_VERSION}.`,
    "Install versions of both packages that belong together.",
  );
}

/**
 * A session's spec with its defaults filled in.
 *
 * @param limits the device's, from its report
 * @throws invalid-value, unsupported
 */
export function resolveSpec(
  spec: SessionSpec,
  limits: { readonly units: number; readonly chains: number },
): ResolvedSpec {
  requireObject("the spec of a session", spec);
  const resolved = {
    units: spec.units,
    chains: spec.chains,
    firstChain: spec.firstChain ?? 0,
    batch: spec.batch ?? 0,
    averages: spec.averages ?? false,
    activation: spec.activation ?? "tanh",
    seed: spec.seed,
  };
  requireInteger("units", resolved.units, 1);
  requireInteger("chains", resolved.chains, 1);
  requireInteger("batch", resolved.batch, 0);
  requireInteger("firstChain", resolved.firstChain, 0);
  requireInteger("seed", resolved.seed, 0);
  if (typeof resolved.averages !== "boolean") {
    throw new LangevinError("invalid-value", "averages must be true or false.");
  }
  if (resolved.firstChain + resolved.chains > 2 ** 32) {
    throw new LangevinError("invalid-value", "Chain numbers must stay below 2³².");
  }
  requireOneOf("activation", resolved.activation, activations);
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

/** Length of a full slot; of `batch`, the length with all its rows. Throws invalid-value for a slot that does not exist. */
export function slotLength(spec: ResolvedSpec, slot: Slot): number {
  requireOneOf("the slot", slot, slots);
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
    case "averages":
      requireAverages(spec);
      return statisticsLength(spec.units);
  }
}

/**
 * Refuses values that do not fit a slot, whose shapes `Slot` tells. Throws invalid-value, wrong-length, not-finite. Statistics need not be finite:
 * those of a training that diverges are not, and who adds up the statistics of several sessions writes them back.
 */
export function requireSlotValues(spec: ResolvedSpec, slot: Slot, values: Float32Array): void {
  const length = slotLength(spec, slot);
  requireArray(slot, values, ["Float32Array"]);
  if (slot !== "batch") requireLength(slot, values, length);
  else if (values.length === 0 || values.length > length || values.length % spec.units !== 0) {
    throw new LangevinError(
      "wrong-length",
      spec.batch === 0
        ? "This session has no room for a batch."
        : `batch takes 1 to ${spec.batch} states of ${spec.units} units, not ${values.length} values.`,
      spec.batch === 0
        ? "Open the session with batch: the number of states per update."
        : undefined,
    );
  }
  if (slot !== "statistics") requireFinite(slot, values);
}

/** Refuses a source without states. Throws invalid-value. */
export function requireSource(source: Source, batchRows: number): void {
  requireOneOf("the source", source, sources);
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
  requireOneOf("the measure", what, measures);
}

/** Refuses averages in a session without room for them. Throws invalid-value. */
function requireAverages(spec: ResolvedSpec): void {
  if (spec.averages) return;
  throw new LangevinError(
    "invalid-value",
    "This session has no room for averages.",
    "Open it with averages: true.",
  );
}

/** Refuses an average that cannot be taken. Throws invalid-value. */
export function requireAverage(spec: ResolvedSpec, weight: number): void {
  requireAverages(spec);
  if (typeof weight !== "number" || !(weight > 0 && weight <= 1)) {
    throw new LangevinError("invalid-value", `weight must lie in (0, 1], not ${String(weight)}.`);
  }
}

/** Refuses a draw of chains that cannot be made. Throws invalid-value, wrong-length, not-finite. */
export function requireDraw(spec: ResolvedSpec, draw: ChainDraw): void {
  requireObject("the draw of chains", draw);
  const { stream, step, mean, components, spread, only } = draw;
  requireInteger("stream", stream, 0);
  if (stream > 0xffff_ffff) {
    throw new LangevinError("invalid-value", `stream must be below 2³², not ${stream}.`);
  }
  requireInteger("step", step, 0);
  if (mean !== undefined) {
    requireArray("mean", mean, ["Float32Array", "Float64Array"]);
    requireLength("mean", mean, spec.units);
    requireFinite("mean", mean);
  }
  if (components !== undefined) {
    requireArray("components", components, ["Float32Array", "Float64Array"]);
    if (components.length % spec.units !== 0) {
      throw new LangevinError(
        "wrong-length",
        `components must be whole rows of ${spec.units} units, not ${components.length} values.`,
      );
    }
    requireFinite("components", components);
  }
  if (spread !== undefined) requireNonNegative("spread", spread);
  if (only === undefined) return;
  requireObject("only", only);
  requireInteger("only.first", only.first, 0);
  requireInteger("only.count", only.count, 1);
  if (only.first + only.count > spec.chains) {
    throw new LangevinError(
      "invalid-value",
      `Chains ${only.first} to ${only.first + only.count - 1} are drawn, but this session has ${spec.chains} chains.`,
    );
  }
}

/** Refuses Langevin steps that cannot be taken. Throws invalid-value, wrong-length. */
export function requireRun(spec: ResolvedSpec, run: AdvanceRun): void {
  requireObject("the run", run);
  requireInteger("firstStep", run.firstStep, 0);
  requireInteger("steps", run.steps, 1);
  requireInteger("the step after the last", run.firstStep + run.steps, 1);
  requirePositive("dt", run.dt);
  if (typeof run.temperature === "number") requireNonNegative("temperature", run.temperature);
  else {
    requireArray("temperature", run.temperature, ["Float32Array", "Float64Array"]);
    requireLength("temperature", run.temperature, spec.chains);
    for (const temperature of run.temperature) requireNonNegative("temperature", temperature);
  }
  requireOneOf("integrator", run.integrator, integrators);
  if (run.feedbackFrom !== undefined && run.feedbackFrom !== Number.POSITIVE_INFINITY) {
    requireInteger("feedbackFrom", run.feedbackFrom, 0);
  }
  if (run.pinned !== undefined) {
    requireArray("pinned", run.pinned, ["Uint8Array"]);
    requireLength("pinned", run.pinned, spec.units);
  }
}

/** Refuses a weight that is not finite. Throws not-finite. */
export function requireWeight(weight: number): void {
  if (!Number.isFinite(weight)) {
    throw new LangevinError("not-finite", `weight must be a finite number, not ${String(weight)}.`);
  }
}

/** Refuses an optimiser step that cannot be taken. Throws invalid-value. */
export function requireUpdate(step: UpdateStep): void {
  requireObject("the update", step);
  requireNonNegative("learningRate", step.learningRate);
  requireNonNegative("decay", step.decay ?? 0);
  requireNonNegative("temperature", step.temperature);
  requireInteger("update", step.update, 1);
  requireOptimizer(step.optimizer);
}

/** The failure of a call on something that is closed. */
export const closedError = (what: "session" | "backend"): LangevinError =>
  new LangevinError("closed", `This ${what} is closed.`);
