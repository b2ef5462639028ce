// Runs side by side: the settings in which they differ, and their measures, as means over seeds where runs differ by
// nothing else.
import type { Estimate } from "@neural-langevin/analysis";
import { LangevinError } from "@neural-langevin/core";
import type { CurrentRunState, MetricsRow, TrainingSettings } from "@neural-langevin/runs";
import { overRuns } from "../estimates.js";

/** A run as it is compared. */
export interface ComparedRun {
  /** What it is called: the path of its folder. */
  readonly name: string;
  /** Where it stands. */
  readonly state: CurrentRunState;
  /** All of its training. */
  readonly settings: TrainingSettings;
  /** The SHA-256 of the numbers that it learns. */
  readonly dataSha256: string;
  /** The rows of metrics.jsonl, in order. */
  readonly metrics: readonly MetricsRow[];
  /** The rows of evaluations.jsonl, in order; none where it was not evaluated. */
  readonly evaluations: readonly MetricsRow[];
}

/** Runs that differ by their seeds alone. */
export interface ComparedGroup {
  /** The values in which they differ from others, by the names in `Comparison.differing`. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** In the order of their seeds. */
  readonly runs: readonly ComparedRun[];
  /**
   * Measures by name: of several runs the mean with the standard error √(Σ(x − x̄)²/(n − 1)/n) between seeds, or √Σs²/n of
   * the errors s that were measured with them where that is larger; of one run its own with its s, NaN where there was none.
   */
  readonly measures: Readonly<Record<string, Estimate>>;
}

/** Runs in groups. */
export interface Comparison {
  /** Settings in which groups differ; also `state`, `update`, `data sha256` or `run` where these tell them apart. */
  readonly differing: readonly string[];
  /** Names of all measures: those of held-out images first. */
  readonly measures: readonly string[];
  /** In the order of their settings. */
  readonly groups: readonly ComparedGroup[];
}

/** Settings that name a training among equal ones, and those that do not change what it learns. */
const repetitions = ["seed", "split-seed"];
const bookkeeping = ["keep", "checkpoint-every", "evaluate-every"];
/** Settings that say which numbers are learned. */
const dataSettings = [
  "data",
  "encoding",
  "labels-file",
  "label-column",
  "labels",
  "images",
  "held-out",
  "held-out-from",
  "split-seed",
] as const satisfies readonly (keyof TrainingSettings)[];

/** What rows hold besides measures. */
const noMeasures = ["update", "images", "learningRate"];
const ERROR = "_error";

/**
 * Compares runs by the measures of their last updates.
 *
 * @throws invalid-value, for no runs
 */
export function compareRuns(runs: readonly ComparedRun[]): Comparison {
  if (runs.length === 0) throw new LangevinError("invalid-value", "There is no run to compare.");
  const described = describeRuns(runs).map((values, at) => ({ run: runs[at]!, values }));
  const names = [...new Set(described.flatMap(({ values }) => Object.keys(values)))];
  const differing = names.filter(
    (name) => new Set(described.map(({ values }) => JSON.stringify(values[name]))).size > 1,
  );
  const groups = new Map<string, { values: Record<string, unknown>; members: ComparedRun[] }>();
  for (const { run, values } of described) {
    const key = JSON.stringify(differing.map((name) => values[name] ?? null));
    const group = groups.get(key);
    if (group) group.members.push(run);
    else groups.set(key, { values, members: [run] });
  }
  const measures = [
    ...new Set(runs.flatMap((run) => [...namesOf(run.evaluations), ...namesOf(run.metrics)])),
  ];
  const evaluated = new Set(runs.flatMap((run) => namesOf(run.evaluations)));
  return {
    differing,
    measures: measures.sort((a, b) => Number(evaluated.has(b)) - Number(evaluated.has(a))),
    groups: [...groups.values()]
      .map(({ values, members }) => ({
        settings: Object.fromEntries(differing.map((name) => [name, values[name]])),
        runs: members,
        measures: Object.fromEntries(measures.map((name) => [name, measureOf(members, name)])),
      }))
      .sort((a, b) => inOrder(differing, a.settings, b.settings)),
  };
}

/** A comparison as JSON takes it, without the rows of its runs. */
export const comparisonValue = ({ groups, ...rest }: Comparison): object => ({
  ...rest,
  groups: groups.map(({ runs, ...group }) => ({
    ...group,
    runs: runs.map(({ name, state, settings: { seed } }) => ({ path: name, state, seed })),
  })),
});

/** One measure at the end of runs that differ by their seeds. */
export const measureOf = (runs: readonly ComparedRun[], name: string): Estimate =>
  estimateOf(
    runs.map((run) => lastOf(rowsWith(run, name))),
    name,
  );

/** One measure in rows of one update, one row for each run. */
export function estimateOf(rows: readonly (MetricsRow | undefined)[], name: string): Estimate {
  const valueIn = (row: MetricsRow | undefined, key: string) => row?.[key] ?? Number.NaN;
  return overRuns(
    rows.map((row) => ({
      value: valueIn(row, name),
      standardError: valueIn(row, name + ERROR),
    })),
  );
}

/** The rows of a run that hold a measure. */
export const rowsWith = ({ metrics, evaluations }: ComparedRun, name: string): MetricsRow[] =>
  [evaluations, metrics].flatMap((rows) => rows.filter((row) => name in row));

/** The row of the latest update. */
const lastOf = (rows: readonly MetricsRow[]): MetricsRow | undefined =>
  rows.reduce<MetricsRow | undefined>(
    (last, row) => (last && last.update > row.update ? last : row),
    undefined,
  );

/** The measures of some rows. */
const namesOf = (rows: readonly MetricsRow[]): string[] =>
  Object.keys(rows.at(-1) ?? {}).filter(
    (name) => !noMeasures.includes(name) && !name.endsWith(ERROR),
  );

/** What tells every run from others: its settings but for seeds, and what they do not say where it differs. */
function describeRuns(runs: readonly ComparedRun[]): Record<string, unknown>[] {
  const trainings = runs.map((run) => JSON.stringify([run.state, settingsBut(run, bookkeeping)]));
  const sources = runs.map((run) =>
    JSON.stringify(dataSettings.map((name) => run.settings[name] ?? null)),
  );
  const isUnfinished = runs.some(({ state }) => state !== "finished");
  const repeated = repeatedIn(trainings);
  const hashes = new Map<string, Set<string>>();
  for (const [at, { dataSha256 }] of runs.entries()) {
    const source = sources[at]!;
    hashes.set(source, (hashes.get(source) ?? new Set()).add(dataSha256));
  }
  return runs.map((run, at) => {
    const isChanged = hashes.get(sources[at]!)!.size > 1;
    return {
      ...settingsBut(run, [...repetitions, ...bookkeeping]),
      ...(isUnfinished && { state: run.state }),
      ...(run.state !== "finished" && { update: lastOf(run.metrics)?.update ?? 0 }),
      ...(isChanged && { "data sha256": run.dataSha256.slice(0, 8) }),
      // The same training twice is no second measurement of it.
      ...(repeated.has(trainings[at]!) && !isChanged && { run: run.name }),
    };
  });
}

const settingsBut = ({ settings }: ComparedRun, names: readonly string[]) =>
  Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name)));

/** The values that are there more than once. */
function repeatedIn(values: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  return new Set(values.filter((value) => seen.size === seen.add(value).size));
}

/** The order of two groups by the first setting in which they differ: numbers by size, others as text. */
function inOrder(
  names: readonly string[],
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
): number {
  for (const name of names) {
    const [one, other] = [a[name], b[name]];
    if (JSON.stringify(one) === JSON.stringify(other)) continue;
    if (typeof one === "number" && typeof other === "number") return one - other;
    return String(one).localeCompare(String(other), "en", { numeric: true });
  }
  return 0;
}
