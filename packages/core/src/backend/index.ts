// The door for implementors: the contract's checks, the shell that all backends share, the float64 definitions that
// they are held to, and the checks of arguments that packages of this project share.
export { firingRate, slope } from "../activation.js";
export {
  requireFinite,
  requireInteger,
  requireLength,
  requireNonNegative,
  requirePositive,
} from "../arguments.js";
export { concatenate } from "../concatenate.js";
export { batchOrder } from "../data-order.js";
export { integratorNoise, langevinStep } from "../integrator.js";
export { accumulateStatistics, statisticsLength } from "../learning-rule.js";
export { requireNegativePhase, stepsPerUpdate } from "../negative-phase.js";
export { countStates, requireNetwork } from "../network.js";
export { noiseWords, normalsFromWords } from "../noise.js";
export { norm } from "../norm.js";
export { adamConstants, gradientTemperature, momentsLength, optimizerStep } from "../optimizer.js";
export { scheduleFactor } from "../schedule.js";
export {
  splitInteger,
  threefry4x32,
  threefryRounds,
  type Words,
} from "../threefry.js";
export { boxMullerWgsl } from "./box-muller-wgsl.js";
export {
  closedError,
  requireAverage,
  requireContract,
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
  handOver,
} from "./define-backend.js";
export { drawnStates } from "./draw.js";
export { type DeviceOperations, queueOperations } from "./queue.js";
export { workerRefusal } from "./worker-refusal.js";
