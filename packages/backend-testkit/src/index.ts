// The public interface: the contract as tests, how far two backends agree, and how fast one is.
export { type Level, scenarios } from "./contract.js";
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
