// How tempering went, in words.
import type { Tempered } from "@neural-langevin/runs";
import { formatEstimate, formatNumber } from "./format.js";

export function describeTempering(tempered: Tempered): string[] {
  const { temperatures, accepted, acceptedErrors, roundTrips, roundTripsError } = tempered;
  const shares = accepted.map((value, pair) =>
    formatEstimate({ value, standardError: acceptedErrors[pair]! }),
  );
  const trips = formatEstimate({ value: roundTrips, standardError: roundTripsError });
  return [
    `  T           ${temperatures.map(formatNumber).join(", ")}`,
    `  swaps       ${shares.join(", ")}  (accepted between neighbours; errors between ladders)`,
    `  round trips ${trips}  (from the lowest T to the highest and back, of all chains)`,
  ];
}
