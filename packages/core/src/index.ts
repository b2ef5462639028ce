// The door for users: machines, networks, dynamics, training and what they are made of. Those who write a backend or
// build on the definitions use the second door, `@neural-langevin/core/backend`.
export { type Activation, activations } from "./activation.js";
export {
  type AdvanceRun,
  type Backend,
  type ChainDraw,
  type ChainGaussian,
  CONTRACT_VERSION,
  type DeviceReport,
  type LentStatistics,
  type Measure,
  type ResolvedSpec,
  type Session,
  type SessionSpec,
  type Slot,
  type Source,
  type StatisticsNorms,
} from "./backend/contract.js";
export { createReferenceBackend } from "./backend/reference.js";
export { chainMean, dataStart, gaussianStart } from "./chain-start.js";
export { type CompanionNeeds, type Companions, openCompanions } from "./companions.js";
export { energy, firingRates, force, speed, unitSpeed, virial } from "./energy.js";
export { type ErrorCode, isLangevinError, LangevinError, type StopSignal } from "./errors.js";
export { type Integrator, integrators } from "./integrator.js";
export {
  type ChainStart,
  type LangevinFrame,
  type LangevinPlan,
  langevin,
  type Stage,
  sample,
} from "./langevin.js";
export {
  createMachine,
  type GivenSampling,
  type LabelKinds,
  type LabelUnits,
  type Machine,
  type MachineOptions,
  type SamplingDefaults,
  type SamplingOptions,
} from "./machine.js";
export { type NegativePhase, negativePhaseKinds } from "./negative-phase.js";
export {
  fittedBias,
  type InitialNetwork,
  type InitialNetworkOptions,
  type Network,
  randomNetwork,
  type Values,
} from "./network.js";
export { chainNoise, FRESH_CHAINS, type NoiseSource, streams } from "./noise.js";
export { type Optimizer, optimizerKinds, type UpdateStep } from "./optimizer.js";
export { permutation, uniforms } from "./order.js";
export { antisymmetricNetwork, orthogonalNetwork } from "./orthogonal-networks.js";
export type { Progress, WorkOptions } from "./progress.js";
export { type RateSchedule, scheduleKinds } from "./schedule.js";
export { readNetwork, writeNetwork } from "./session-network.js";
export {
  communicationBarrier,
  evenLadder,
  type SwapCounts,
  type SwapStatistics,
  swapProbability,
  swapStatistics,
  type TemperingFrame,
  type TemperingPlan,
  temper,
} from "./tempering.js";
export {
  type CompleteTrainingPlan,
  flopPerUpdate,
  isTrainingDivergence,
  type TrainingDivergence,
  type TrainingOptions,
  type TrainingPlan,
  type TrainingReport,
  train,
  trainingDefaults,
} from "./trainer.js";
export { readTrainingState, type TrainingState, writeTrainingState } from "./training-state.js";
