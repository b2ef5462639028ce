// How tempering went, in words.
import type { Tempered } from "@neural-langevin/runs";
import { formatNumber } from "./format.js";

export const describeTempering = ({ temperatures, accepted, roundTrips }: Tempered): string[] => [
  `  T           ${temperatures.map(formatNumber).join(", ")}`,
  `  swaps       accepted ${accepted.map((share) => share.toFixed(2)).join(", ")}; ${roundTrips} round trips`,
];
