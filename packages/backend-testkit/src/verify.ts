// The contract without a test runner: every scenario against a backend, and one outcome for each.
import { type Backend, type DeviceReport, LangevinError } from "@neural-langevin/core";
import {
  appliesTo,
  createContext,
  type Level,
  runScenario,
  scenarios,
  scenariosOf,
} from "./contract.js";

/** How one scenario ended. */
export interface ScenarioOutcome {
  readonly key: string;
  /** What it tests. */
  readonly statement: string;
  /**
   * `passed` and `failed`; `known-gap`: failed, as was said of it; `closed-gap`: passed although it was called
   * a known gap, which counts as a failure until the list is mended; `not-held`: needs the shared noise,
   * which this backend has not.
   */
  readonly outcome: "passed" | "failed" | "known-gap" | "closed-gap" | "not-held";
  /** Why it failed. */
  readonly reason?: string;
}

/** What a verification found. */
export interface Verification {
  readonly device: DeviceReport;
  readonly outcomes: readonly ScenarioOutcome[];
  /** Whether no scenario failed, and no known gap turned out to be closed. */
  readonly holds: boolean;
}

/**
 * Runs every scenario of the contract against a backend.
 *
 * @param create opens the backend
 * @param options.level `full` unless given; `quick` leaves out what takes more than a moment on plain loops
 * @param options.knownGaps keys of scenarios that the backend is known to fail
 * @param options.onOutcome called after each scenario
 * @throws unavailable, and whatever else `create` throws; invalid-value for a known gap that names no scenario
 */
export async function verifyBackend(
  create: () => Promise<Backend>,
  options: {
    readonly level?: Level | undefined;
    readonly knownGaps?: readonly string[] | undefined;
    readonly onOutcome?: ((outcome: ScenarioOutcome) => void) | undefined;
  } = {},
): Promise<Verification> {
  const knownGaps = requireKnownGaps(options.knownGaps ?? []);
  const context = await createContext(create);
  const outcomes: ScenarioOutcome[] = [];
  try {
    for (const scenario of scenariosOf(options.level)) {
      const { key, statement } = scenario;
      const gap = knownGaps.includes(key);
      let result: Pick<ScenarioOutcome, "outcome" | "reason">;
      if (!appliesTo(scenario, context.backend)) result = { outcome: "not-held" };
      else {
        try {
          await runScenario(scenario, context);
          result = { outcome: gap ? "closed-gap" : "passed" };
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          result = { outcome: gap ? "known-gap" : "failed", reason };
        }
      }
      const outcome = { key, statement, ...result };
      outcomes.push(outcome);
      options.onOutcome?.(outcome);
    }
  } finally {
    await context.backend.close();
  }
  const holds = !outcomes.some(({ outcome }) => outcome === "failed" || outcome === "closed-gap");
  return { device: context.backend.device, outcomes, holds };
}

/** Refuses a known gap that names no scenario. Throws invalid-value. */
export function requireKnownGaps(knownGaps: readonly string[]): readonly string[] {
  const stale = knownGaps.find((key) => !scenarios.some((scenario) => scenario.key === key));
  if (stale === undefined) return knownGaps;
  throw new LangevinError(
    "invalid-value",
    `There is no scenario "${stale}" to be a known gap.`,
    "Take it off the list.",
  );
}
