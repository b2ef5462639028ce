// The contract as vitest tests: one call runs every scenario against a backend.
import { type Backend, isLangevinError } from "@neural-langevin/core";
import { afterAll, describe, it } from "vitest";
import { appliesTo, createContext, type Level, runScenario, scenariosOf } from "./contract.js";
import { requireKnownGaps } from "./verify.js";

/** How a backend is tested. */
export interface TestOptions {
  /** `full` unless given; `quick` leaves out what takes more than a moment on plain loops. */
  readonly level?: Level | undefined;
  /**
   * Keys of scenarios that the backend is known to fail. They run all the same, and break the tests once
   * they pass, until they are taken off the list.
   */
  readonly knownGaps?: readonly string[] | undefined;
  /** Fail, rather than skip by name, when the backend is unavailable on this machine. */
  readonly required?: boolean | undefined;
}

/**
 * Declares one test per scenario of the contract.
 *
 * @param name what is tested, for example "cpu, two threads"
 * @param create opens the backend; throws `unavailable` where it cannot run
 * @throws invalid-value, for a known gap that names no scenario; what `create` throws, but for unavailable
 */
export async function testBackend(
  name: string,
  create: () => Promise<Backend>,
  options: TestOptions = {},
): Promise<void> {
  const { required = false } = options;
  const scenarios = scenariosOf(options.level);
  const knownGaps = requireKnownGaps(options.knownGaps ?? []);
  const context = await createContext(create).catch((error: unknown) => {
    if (isLangevinError(error) && error.code === "unavailable") return error;
    throw error;
  });
  const native = !isLangevinError(context) && context.backend.device.noise === "native";
  describe(`the contract: ${name}${native ? " (its own noise, so statistics only)" : ""}`, () => {
    if (isLangevinError(context)) {
      const title = `is available (${context.message} ${scenarios.length} scenarios need it)`;
      if (required) {
        it(title, () => {
          throw context;
        });
      } else it.skip(title, () => {});
      return;
    }
    afterAll(() => context.backend.close());
    for (const scenario of scenarios.filter((one) => appliesTo(one, context.backend))) {
      const title = `${scenario.key}: ${scenario.statement}`;
      if (knownGaps.includes(scenario.key)) {
        it.fails(`${title} (known gap)`, () => runScenario(scenario, context));
      } else {
        it(title, { timeout: 240_000 }, () => runScenario(scenario, context));
      }
    }
  });
}
