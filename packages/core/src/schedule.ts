// How the learning rate changes along training.
import { requireInteger, requireObject, requireOneOf } from "./arguments.js";

/** Shape of the learning rate over a training of U updates. */
export interface RateSchedule {
  /** `constant`; `linear`: falls to 0; `cosine`: half a cosine, falls to 0. */
  readonly kind: "constant" | "linear" | "cosine";
  /** Updates over which the rate first rises linearly from 0. */
  readonly warmUp?: number | undefined;
}

/** The names of all shapes. */
export const scheduleKinds: readonly RateSchedule["kind"][] = ["constant", "linear", "cosine"];

/** Refuses a schedule that does not exist. Throws `invalid-value`. */
export function requireSchedule(schedule: RateSchedule): void {
  requireObject("schedule", schedule);
  requireOneOf("the kind of the schedule", schedule.kind, scheduleKinds);
  requireInteger("warmUp", schedule.warmUp ?? 0, 0);
}

/**
 * The share of the learning rate that is used at an update u = 1 … U:
 * 1, 1 − (u−1)/U or ½(1 + cos(π(u−1)/U)), times min(1, u/warmUp).
 */
export function scheduleFactor(schedule: RateSchedule, update: number, updates: number): number {
  const progress = (update - 1) / updates;
  const shape = {
    constant: 1,
    linear: 1 - progress,
    cosine: (1 + Math.cos(Math.PI * progress)) / 2,
  }[schedule.kind];
  const warmUp = schedule.warmUp ?? 0;
  return warmUp > 0 ? shape * Math.min(1, update / warmUp) : shape;
}
