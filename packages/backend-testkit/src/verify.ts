// The contract without a test runner: every scenario against a backend, and one outcome for each.
import {
  type Backend,
  type DeviceReport,
  LangevinError,
  type WorkOptions,
} from "@neural-langevin/core";
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
  /** Of the scenario: group/name. */
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
  /** What computed. */
  readonly device: DeviceReport;
  /** Of every scenario, in their order. */
  readonly outcomes: readonly ScenarioOutcome[];
  /** Whether no scenario failed, and no known gap turned out to be closed. */
  readonly holds: boolean;
}

/** Which scenarios are run, and how that is followed. */
export interface VerificationOptions extends WorkOptions {
  /** `full` unless given; `quick` leaves out what takes more than a moment on plain loops. */
  readonly level?: Level | undefined;
  /** Keys of scenarios that the backend is known to fail. */
  readonly knownGaps?: readonly string[] | undefined;
}

/**
 * Runs every scenario of the contract against a backend.
 *
 * @param create opens the backend
 * @throws unavailable, and whatever else `create` throws; invalid-value for a known gap that names no scenario; aborted
 */
export async function verifyBackend(
  create: () => Promise<Backend>,
  { signal, onProgress, level, ...options }: VerificationOptions = {},
): Promise<Verification> {
  const knownGaps = requireKnownGaps(options.knownGaps ?? []);
  const due = scenariosOf(level);
  const context = await createContext(create);
  const outcomes: ScenarioOutcome[] = [];
  try {
    for (const scenario of due) {
      if (signal?.aborted) {
        throw new LangevinError(
          "aborted",
          `The verification was stopped after ${outcomes.length} of ${due.length} scenarios.`,
        );
      }
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
      outcomes.push({ key, statement, ...result });
      onProgress?.({
        task: "verifying",
        done: outcomes.length,
        total: due.length,
        unit: "scenarios",
      });
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
