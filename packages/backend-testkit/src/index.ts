// The public interface of the contract as tests.
export { appliesTo, createContext, scenarios } from "./contract.js";
export type { Context, Scenario } from "./scenario.js";
export { type ScenarioOutcome, type Verification, verifyBackend } from "./verify.js";
