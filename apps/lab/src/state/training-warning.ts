// Whether a training goes wrong: a rate or a step that is too large lets the gradient grow, long before numbers overflow.
import { mean } from "@neural-langevin/analysis";
import type { MetricsRow } from "@neural-langevin/runs";

/** Rows that are averaged, because single gradients fluctuate. */
const SMOOTHED = 5;
/** A gradient so many times as large as it was at its least is no fluctuation. */
const GROWN = 4;

/** What of a training has grown, and to how many times its least. */
export interface Growth {
  readonly what: "gradient" | "energy of the data";
  readonly times: number;
}

/** What has grown most of all that should fall; undefined while that is nothing to worry about. */
export function growthOf(rows: readonly MetricsRow[]): Growth | undefined {
  const growths = [
    { what: "gradient", times: growthIn(rows.map((row) => row.couplingsGradient)) },
    { what: "energy of the data", times: growthIn(rows.map((row) => row.dataEnergy)) },
  ] as const;
  return growths
    .filter(({ times }) => times > GROWN)
    .reduce<Growth | undefined>((a, b) => (a && a.times >= b.times ? a : b), undefined);
}

/** How many times its least the mean of the last values is. Learning that fails at once has its least in the first row. */
function growthIn(values: readonly (number | null | undefined)[]): number {
  const known = values.map((value) => value ?? Number.NaN);
  const means = known.slice(SMOOTHED - 1).map((_, at) => mean(known.slice(at, at + SMOOTHED)));
  const least = [known[0] ?? Number.NaN, ...means].reduce((a, b) => Math.min(a, b));
  return (means.at(-1) ?? Number.NaN) / least;
}
