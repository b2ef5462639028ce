// The door for implementors: the contract's checks, the shell that all backends share, the float64 definitions that
// they are held to, and the refusals of bad arguments in the words of the project.
export { firingRate, slope } from "../activation.js";
export {
  requireArray,
  requireFinite,
  requireInteger,
  requireLength,
  requireNonNegative,
  requireObject,
  requireOneOf,
  requirePositive,
} from "../arguments.js";
export { batchOrder } from "../data-order.js";
export { integratorNoise, langevinStep } from "../integrator.js";
export { accumulateStatistics, statisticsLength } from "../learning-rule.js";
export { requireNegativePhase, stepsPerUpdate } from "../negative-phase.js";
export { countStates, requireNetwork } from "../network.js";
export { noiseWords, normalsFromWords, uniformFromWord } from "../noise.js";
export { adamConstants, momentsLength, optimizerStep, requireOptimizer } from "../optimizer.js";
export { requireSchedule, scheduleFactor } from "../schedule.js";
export { splitInteger, threefry4x32, type Words } from "../threefry.js";
export {
  closedError,
  requireAverage,
  requireDraw,
  requireMeasure,
  requireRun,
  requireSlotValues,
  requireSource,
  requireUpdate,
  requireWeight,
  resolveSpec,
  slotLength,
} from "./checks.js";
export {
  type BackendParts,
  defineBackend,
  type Engine,
  type EngineDraw,
} from "./define-backend.js";
export { drawnStates } from "./draw.js";
export { type DeviceOperations, queueOperations } from "./queue.js";
