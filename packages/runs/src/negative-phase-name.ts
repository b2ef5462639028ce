// Negative phases by the names that the literature gives them: pcd-K, rdm-K, time-average-K and none.
import { LangevinError, type NegativePhase } from "@neural-langevin/core";
import { requireNegativePhase } from "@neural-langevin/core/backend";

const kinds = {
  pcd: "persistent",
  rdm: "random-restart",
  "time-average": "time-average",
} as const;

/** What a negative phase has besides its name. */
export interface NegativePhaseDetails {
  /** First steps without feedback; 0 unless given. */
  readonly feedbackOffSteps?: number | undefined;
  /** Updates in which every persistent chain begins again once; never unless given. */
  readonly restartEvery?: number | undefined;
  /** Steps before a time average begins; 0 unless given. */
  readonly burnIn?: number | undefined;
  /** Steps between two states of a time average; 1 unless given. */
  readonly every?: number | undefined;
}

/**
 * The negative phase of a name such as `pcd-10`, which says its kind and its steps. Details of another kind than the
 * name's are not used.
 *
 * @throws invalid-value, also for a time average that no state enters
 */
export function parseNegativePhase(
  name: string,
  details: NegativePhaseDetails = {},
): NegativePhase {
  if (name === "none") return { kind: "none" };
  const [, kind, digits] = /^(pcd|rdm|time-average)-([1-9]\d*)$/.exec(name) ?? [];
  if (kind === undefined) {
    throw new LangevinError(
      "invalid-value",
      `A negative phase is pcd-K, rdm-K, time-average-K (K steps) or none, not ${JSON.stringify(name)}.`,
    );
  }
  const { feedbackOffSteps, restartEvery, burnIn = 0, every = 1 } = details;
  const common = { steps: Number(digits), feedbackOffSteps };
  const phases: Readonly<Record<string, NegativePhase>> = {
    pcd: { kind: "persistent", ...common, restartEvery },
    rdm: { kind: "random-restart", ...common },
    "time-average": { kind: "time-average", ...common, burnIn, every },
  };
  const phase = phases[kind]!;
  requireNegativePhase(phase);
  return phase;
}

/** The name of a negative phase, without its details. */
export function formatNegativePhase(phase: NegativePhase): string {
  if (phase.kind === "none") return "none";
  const [name] = Object.entries(kinds).find(([, kind]) => kind === phase.kind)!;
  return `${name}-${phase.steps}`;
}
