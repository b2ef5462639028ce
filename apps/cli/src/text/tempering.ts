// How tempering went, in words.
import { formatNumber } from "./format.js";

/** A ladder of temperatures and what became of its swaps. */
export interface Tempered {
  /** T of the rungs, ascending. */
  readonly temperatures: readonly number[];
  /** Share of accepted swaps between each rung and the next. */
  readonly accepted: readonly number[];
  /** How often a chain went up the ladder and came back. */
  readonly roundTrips: number;
}

export const describeTempering = ({ temperatures, accepted, roundTrips }: Tempered): string[] => [
  `  T           ${temperatures.map(formatNumber).join(", ")}`,
  `  swaps       accepted ${accepted.map((share) => share.toFixed(2)).join(", ")}; ${roundTrips} round trips`,
];
