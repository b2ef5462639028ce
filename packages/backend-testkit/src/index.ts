// The public interface: the contract as tests, how far two backends agree, how fast one is, and which is the fastest.
export { type Level, scenarios } from "./contract.js";
export {
  isRecent,
  isSpeedTest,
  mayBeDefault,
  type SpeedCandidate,
  type SpeedTest,
  type TimedBackend,
  testSpeeds,
  timeBackend,
  timedMachine,
  unavailableReason,
} from "./fastest.js";
export {
  type BitAgreement,
  type ChainMean,
  measureParity,
  type ParityPlan,
  type ParityReport,
} from "./parity.js";
export type { Scenario } from "./scenario.js";
export { measureSpeed } from "./speed.js";
export {
  type ScenarioOutcome,
  type Verification,
  type VerificationOptions,
  verifyBackend,
} from "./verify.js";
