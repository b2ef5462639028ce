// The public interface of the contract as tests.
export { type Level, scenarios } from "./contract.js";
export type { Scenario } from "./scenario.js";
export { type ScenarioOutcome, type Verification, verifyBackend } from "./verify.js";
