// The contract without a test runner: every scenario against a backend, and one outcome for each.
import {
  type Backend,
  type DeviceReport,
  LangevinError,
  type WorkOptions,
} from "@neural-langevin/core";
import { appliesTo, createContext, scenarios } from "./contract.js";

/** How one scenario ended. */
export interface ScenarioOutcome {
  readonly key: string;
  /** The statement that it tests. */
  readonly description: string;
  /**
   * `passed` and `failed`; `known-gap`: failed, as its list of gaps says; `closed-gap`: passed although it is on that
   * list, which counts as a failure until it is taken off; `not-held`: needs the shared noise, which this backend
   * does not compute.
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

/** How a backend is verified. */
export interface VerificationOptions extends WorkOptions {
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
  { signal, onProgress, ...options }: VerificationOptions = {},
): Promise<Verification> {
  const knownGaps = requireKnownGaps(options.knownGaps ?? []);
  const context = await createContext(create);
  const outcomes: ScenarioOutcome[] = [];
  try {
    for (const scenario of scenarios) {
      if (signal?.aborted) {
        throw new LangevinError(
          "aborted",
          `The verification was stopped after ${outcomes.length} of ${scenarios.length} scenarios.`,
        );
      }
      const { key, description } = scenario;
      const gap = knownGaps.includes(key);
      let result: Pick<ScenarioOutcome, "outcome" | "reason">;
      if (!appliesTo(scenario, context.backend)) result = { outcome: "not-held" };
      else {
        try {
          await scenario.run(context);
          result = { outcome: gap ? "closed-gap" : "passed" };
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          result = { outcome: gap ? "known-gap" : "failed", reason };
        }
      }
      outcomes.push({ key, description, ...result });
      onProgress?.({
        task: "verifying",
        done: outcomes.length,
        total: scenarios.length,
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
