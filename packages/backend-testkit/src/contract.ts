// The contract as scenarios, and how one is run against a backend.
import { type Backend, createReferenceBackend } from "@neural-langevin/core";
import { badArguments } from "./arguments.js";
import { averages } from "./averages.js";
import { bits } from "./bits.js";
import { draws } from "./draws.js";
import { withoutEscapes } from "./escapes.js";
import { learn } from "./learn.js";
import { life } from "./life.js";
import { limits } from "./limits.js";
import { physics } from "./physics.js";
import { type Context, type Scenario, tolerances } from "./scenario.js";
import { compose, steps } from "./steps.js";

/** Every scenario of the contract, group by group. */
export const scenarios: readonly Scenario[] = [
  life,
  badArguments,
  bits,
  draws,
  steps,
  compose,
  physics,
  learn,
  averages,
  limits,
].flat();

/** `quick` leaves out what is large, for a look at a backend that is being written. */
export type Level = "quick" | "full";

/** The scenarios of a level. */
export const scenariosOf = (level: Level = "full"): readonly Scenario[] =>
  scenarios.filter(({ isLarge }) => level === "full" || !isLarge);

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

/** Runs one scenario; an error that escapes meanwhile fails it. */
export const runScenario = (scenario: Scenario, context: Context): Promise<void> =>
  withoutEscapes(() => scenario.run(context));

/** Whether a backend is held to a scenario. */
export const appliesTo = (scenario: Scenario, backend: Backend): boolean =>
  backend.device.noise === "shared" || !scenario.needsSharedNoise;
