// Numbers with standard errors, as experiments keep, compare and draw them.
import { type Estimate, mean, meanEstimate } from "@neural-langevin/analysis";
import type { Series } from "@neural-langevin/figures";

/** What the name of a standard error ends with, beside that of its value. */
const ERROR = "_error";

/** Every estimate as two numbers, which columns and tables call `NAME` and `NAME_error`. */
export type EstimateNumbers<Names extends string> = {
  readonly [Name in Names | `${Names}_error`]: number;
};

/** Estimates by name. */
export type Estimates<Names extends string> = { readonly [Name in Names]: Estimate };

export function numbersOfEstimates<Names extends string>(
  estimates: Estimates<Names>,
): EstimateNumbers<Names> {
  const numbers = Object.entries<Estimate>(estimates).flatMap(([name, estimate]) => [
    [name, estimate.value],
    [name + ERROR, estimate.standardError],
  ]);
  return Object.fromEntries(numbers) as EstimateNumbers<Names>;
}

/** The estimates that a row keeps as numbers; those that it does not keep are NaN. */
export function estimatesOf<Names extends string>(
  names: readonly Names[],
  row: { readonly [Name in keyof EstimateNumbers<Names>]?: number | null | undefined },
): Estimates<Names> {
  const numbers: Readonly<Record<string, number | null | undefined>> = row;
  const numberOf = (name: string) => numbers[name] ?? Number.NaN;
  return Object.fromEntries(
    names.map((name) => [
      name,
      { value: numberOf(name), standardError: numberOf(name + ERROR) } satisfies Estimate,
    ]),
  ) as Estimates<Names>;
}

/** The estimates that columns keep of one moment. */
export function estimatesAt<Names extends string>(
  names: readonly Names[],
  columns: { readonly [Name in keyof EstimateNumbers<Names>]?: readonly number[] },
  moment: number,
): Estimates<Names> {
  const all = Object.entries<readonly number[] | undefined>(columns);
  const row = Object.fromEntries(all.map(([name, column]) => [name, column?.[moment]]));
  return estimatesOf(names, row as Parameters<typeof estimatesOf<Names>>[1]);
}

/** c·a. */
export const scaled = ({ value, standardError }: Estimate, factor: number): Estimate => ({
  value: factor * value,
  standardError: Math.abs(factor) * standardError,
});

/** a − b of independent estimates. */
export const difference = (a: Estimate, b: Estimate): Estimate => ({
  value: a.value - b.value,
  standardError: Math.hypot(a.standardError, b.standardError),
});

/** a/b of independent estimates; exactly 1 of an estimate and itself. */
export function ratio(a: Estimate, b: Estimate): Estimate {
  if (a === b) return { value: 1, standardError: 0 };
  const value = a.value / b.value;
  return {
    value,
    standardError: Math.hypot(a.standardError, value * b.standardError) / Math.abs(b.value),
  };
}

/**
 * The mean of independent runs. Its standard error is the one between them or the one of the draws within them, √Σs²/n,
 * whichever is larger, as far as it is known: few runs may agree by chance.
 */
export function overRuns(runs: readonly Estimate[]): Estimate {
  const values = runs.map(({ value }) => value);
  const within = Math.hypot(...runs.map(({ standardError }) => standardError)) / runs.length;
  if (runs.length === 1) return { value: values[0]!, standardError: within };
  const between = meanEstimate(values).standardError;
  return {
    value: mean(values),
    standardError: Math.max(between, Number.isFinite(within) ? within : 0),
  };
}

/** A curve with a band of one standard error to both sides, as far as errors are known. */
export function withBand(
  name: string,
  x: readonly number[],
  estimates: readonly Estimate[],
): Series {
  const side = (sign: number) =>
    estimates.map(({ value, standardError }) =>
      Number.isFinite(standardError) ? value + sign * standardError : value,
    );
  return { name, x, y: estimates.map(({ value }) => value), low: side(-1), high: side(1) };
}

/** What captions say of bands. */
export const BANDS = "bands are one standard error to both sides";
