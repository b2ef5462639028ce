// Where the model average of the learning rule comes from.
import { requireInteger, requireObject, requireOneOf } from "./arguments.js";
import { LangevinError } from "./errors.js";
import { requireLadder } from "./tempering.js";

/** How model chains are run between two updates. */
export type NegativePhase =
  /**
   * PCD-k: chains persist between updates, `steps` steps each. With `restartEvery` they begin again in turn, one after
   * another, so that each is drawn anew once in that many updates.
   */
  | {
      readonly kind: "persistent";
      readonly steps: number;
      readonly restartEvery?: number | undefined;
      readonly feedbackOffSteps?: number | undefined;
    }
  /** Rdm-k: chains restart from N(0, 1) at every update, `steps` steps each. */
  | {
      readonly kind: "random-restart";
      readonly steps: number;
      readonly feedbackOffSteps?: number | undefined;
    }
  /** Chains persist; after `burnIn` of the `steps` steps every `every`-th state enters the average. */
  | {
      readonly kind: "time-average";
      readonly steps: number;
      readonly burnIn: number;
      readonly every: number;
      readonly feedbackOffSteps?: number | undefined;
    }
  /**
   * Parallel tempering: every chain is the lowest rung of a ladder of temperatures, whose other rungs have chains of their
   * own. All take `steps` steps, and then neighbours may swap their states. Where plain chains stay in one valley of the
   * energy, these go on visiting all. The rungs between the ends move along the training, so that all pairs swap equally
   * often.
   */
  | {
      readonly kind: "tempering";
      readonly steps: number;
      /** T of the rungs where a training begins, ascending; the lowest is T of the model. */
      readonly temperatures: readonly number[];
      readonly feedbackOffSteps?: number | undefined;
    }
  /** No model term: the energy of the data alone is lowered, which stores patterns. */
  | { readonly kind: "none" };

/** The names of all negative phases. */
export const negativePhaseKinds: readonly NegativePhase["kind"][] = [
  "persistent",
  "random-restart",
  "time-average",
  "tempering",
  "none",
];

/** Refuses a negative phase that cannot be run. Throws `invalid-value`. */
export function requireNegativePhase(phase: NegativePhase): void {
  requireObject("negativePhase", phase);
  requireOneOf("the kind of the negative phase", phase.kind, negativePhaseKinds);
  if (phase.kind === "none") return;
  requireInteger("steps of the negative phase", phase.steps, 1);
  requireInteger("feedbackOffSteps", phase.feedbackOffSteps ?? 0, 0);
  if (phase.kind === "persistent" && phase.restartEvery !== undefined) {
    requireInteger("restartEvery", phase.restartEvery, 1);
  }
  if (phase.kind === "tempering") requireLadder(phase.temperatures);
  if (phase.kind !== "time-average") return;
  requireInteger("burnIn", phase.burnIn, 0);
  requireInteger("every", phase.every, 1);
  if (phase.burnIn + phase.every > phase.steps) {
    throw new LangevinError(
      "invalid-value",
      `A burn-in of ${phase.burnIn} steps leaves no state to average in ${phase.steps} steps ` +
        `when every ${phase.every}th counts.`,
      "Take more steps, a shorter burn-in or a smaller interval.",
    );
  }
}

/** Langevin steps between two updates. */
export const stepsPerUpdate = (phase: NegativePhase): number =>
  phase.kind === "none" ? 0 : phase.steps;
