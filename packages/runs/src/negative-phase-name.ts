// Negative phases by the names that the literature gives them: pcd-K, rdm-K, time-average-K, tempering-K
// and none.
import { LangevinError, type NegativePhase } from "@neural-langevin/core";
import { requireNegativePhase } from "@neural-langevin/core/backend";

const kinds = {
  pcd: "persistent",
  rdm: "random-restart",
  "time-average": "time-average",
  tempering: "tempering",
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
  /** T of the rungs of tempering, ascending from that of the model; tempering needs them. */
  readonly temperatures?: readonly number[] | undefined;
}

/**
 * The negative phase of a name such as `pcd-10`, which says its kind and its steps. Details of another kind than the
 * name's are not used.
 *
 * @throws invalid-value, also for a time average that no state enters, and tempering without temperatures
 */
export function parseNegativePhase(
  name: string,
  details: NegativePhaseDetails = {},
): NegativePhase {
  if (name === "none") return { kind: "none" };
  const [, kind, digits] = /^(pcd|rdm|time-average|tempering)-([1-9]\d*)$/.exec(name) ?? [];
  if (kind === undefined) {
    throw new LangevinError(
      "invalid-value",
      `A negative phase is pcd-K, rdm-K, time-average-K, tempering-K (K steps) or none, not ${JSON.stringify(name)}.`,
    );
  }
  const { feedbackOffSteps, restartEvery, burnIn = 0, every = 1, temperatures } = details;
  if (kind === "tempering" && !temperatures) {
    throw new LangevinError(
      "invalid-value",
      `${name} needs a ladder of temperatures.`,
      "Name them with ladder, from that of the machine on, such as 1,1.2,1.5,2.",
    );
  }
  const common = { steps: Number(digits), feedbackOffSteps };
  const phases: Readonly<Record<string, NegativePhase>> = {
    pcd: { kind: "persistent", ...common, restartEvery },
    rdm: { kind: "random-restart", ...common },
    "time-average": { kind: "time-average", ...common, burnIn, every },
    tempering: { kind: "tempering", ...common, temperatures: temperatures ?? [] },
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
