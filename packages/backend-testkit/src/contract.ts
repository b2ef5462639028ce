// The contract as scenarios, and what they run against.
import { type Backend, createReferenceBackend } from "@neural-langevin/core";
import { averages } from "./averages.js";
import { bits } from "./bits.js";
import { draws } from "./draws.js";
import { learn } from "./learn.js";
import { life } from "./life.js";
import { physics } from "./physics.js";
import { type Context, type Scenario, tolerances } from "./scenario.js";
import { compose, limits, steps } from "./steps.js";

/** Every scenario of the contract, in the order life, bits, draw, step, compose, physics, learn, average, limits. */
export const scenarios: readonly Scenario[] = [
  life,
  bits,
  draws,
  steps,
  compose,
  physics,
  learn,
  averages,
  limits,
].flat();

/**
 * What scenarios run against.
 *
 * @param create opens the backend under test
 */
export async function createContext(create: () => Promise<Backend>): Promise<Context> {
  const backend = await create();
  const tolerance = tolerances[backend.device.precision];
  return { backend, oracle: createReferenceBackend(), create, tolerance };
}

/** Whether a backend is held to a scenario. */
export const appliesTo = (scenario: Scenario, backend: Backend): boolean =>
  backend.device.noise === "shared" || !scenario.needsSharedNoise;
