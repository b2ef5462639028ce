// Verdicts from numbers with errors: a difference within two standard errors decides nothing.
import type { Estimate } from "@neural-langevin/analysis";
import type { Verdict } from "./experiment.js";

/** Yes, no, or undefined where the errors leave it open. */
export type Answer = boolean | undefined;

/** Standard errors that a difference takes to be one. */
const CLEAR = 2;

/**
 * Whether a < b, where |a − b| is more than two standard errors √(s_a² + s_b²). That is the error of independent estimates,
 * and too large for those that share their draws, so that no difference is claimed by mistake.
 *
 * @param b an estimate, or a bound without an error
 */
export function isBelow(a: Estimate, b: Estimate | number): Answer {
  const bound = typeof b === "number" ? { value: b, standardError: 0 } : b;
  const difference = bound.value - a.value;
  const error = Math.hypot(a.standardError, bound.standardError);
  if (error === 0) return difference > 0;
  return Math.abs(difference) > CLEAR * error ? difference > 0 : undefined;
}

/** Whether a > b; see `isBelow`. */
export function isAbove(a: Estimate, b: Estimate | number): Answer {
  const bound = typeof b === "number" ? { value: b, standardError: 0 } : b;
  return isBelow(bound, a);
}

export const not = (answer: Answer): Answer => (answer === undefined ? undefined : !answer);

/** No where one answer is no, open where one is open, yes otherwise. */
export const allOf = (...answers: readonly Answer[]): Answer =>
  answers.includes(false) ? false : answers.includes(undefined) ? undefined : true;

/** Yes where one answer is yes, open where one is open, no otherwise. */
export const anyOf = (...answers: readonly Answer[]): Answer =>
  answers.includes(true) ? true : answers.includes(undefined) ? undefined : false;

/** The most that is sure: `yes`, `partly`, `no`, or `unclear` where the errors leave open whether it is one of the first. */
export function verdictOf(agrees: Answer, agreesInPart: Answer): Verdict {
  if (agrees) return "yes";
  if (agreesInPart) return "partly";
  return agrees === undefined || agreesInPart === undefined ? "unclear" : "no";
}

/**
 * Whether the least of some estimates lies at a place that fits: yes where every estimate that may be the least does, no
 * where none does.
 */
export function leastFits(
  estimates: readonly Estimate[],
  fits: (place: number) => boolean,
): Answer {
  const least = estimates[indexOfLeast(estimates)]!;
  const candidates = [...estimates.keys()].filter(
    (place) => estimates[place] === least || isAbove(estimates[place]!, least) === undefined,
  );
  if (candidates.every(fits)) return true;
  return candidates.some(fits) ? undefined : false;
}

/** The place of the least value. */
export const indexOfLeast = (estimates: readonly Estimate[]): number => {
  const values = estimates.map(({ value }) => value);
  return values.indexOf(Math.min(...values));
};
