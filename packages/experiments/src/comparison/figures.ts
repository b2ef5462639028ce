// Comparisons of runs as figures and tables: every number with its error.
import type { Estimate } from "@neural-langevin/analysis";
import { curves, intervals, type Plot, type Series } from "@neural-langevin/figures";
import { BANDS, withBand } from "../estimates.js";
import type { Figure, Row, Table } from "../experiment.js";
import { type ComparedGroup, type Comparison, estimateOf, measureOf, rowsWith } from "./compare.js";

/** Measures that are drawn, where there are more: those of held-out images come first. */
const MOST_MEASURES = 6;
/** Groups whose course is drawn, so that colours tell them apart. */
const MOST_COURSES = 6;
/** Moments of a course that are drawn. */
const MOST_MOMENTS = 200;

/** A setting's value in words. */
export const valueText = (value: unknown): string =>
  value === undefined ? "–" : Array.isArray(value) ? value.join("+") : String(value);

/** What a group is called: its differing settings. */
export const groupName = ({ settings }: ComparedGroup, names = Object.keys(settings)): string =>
  names.map((name) => `${name} ${valueText(settings[name])}`).join(", ") || "all";

/** A table with a row for each group, and one with a row for each run. */
export function comparisonTables({ differing, measures, groups }: Comparison): Table[] {
  const named = (group: ComparedGroup): Row =>
    Object.fromEntries(
      differing.map((name) => {
        const value = group.settings[name];
        return [name, typeof value === "number" ? value : valueText(value)];
      }),
    );
  const measured = (of: (name: string) => Estimate): Row =>
    Object.fromEntries(
      measures.flatMap((name) => {
        const { value, standardError } = of(name);
        return [
          [name, value],
          [`${name}_error`, standardError],
        ];
      }),
    );
  return [
    {
      name: "groups",
      caption: "Measures over seeds, by the settings that differ",
      rows: groups.map((group) => ({
        ...named(group),
        runs: group.runs.length,
        ...measured((name) => group.measures[name]!),
      })),
    },
    {
      name: "runs",
      caption: "Measures of every run",
      rows: groups.flatMap((group) =>
        group.runs.map((run) => ({
          ...named(group),
          seed: run.settings.seed,
          ...measured((name) => measureOf([run], name)),
          path: run.name,
        })),
      ),
    },
  ];
}

/** The measures of all groups with error bars, and their course along the training; none where nothing was measured. */
export function comparisonFigures(comparison: Comparison): Figure[] {
  const drawn = comparison.measures
    .filter((name) => comparison.groups.some(({ measures }) => isKnown(measures[name]!)))
    .slice(0, MOST_MEASURES);
  if (drawn.length === 0) return [];
  return [measuresFigure(comparison, drawn), ...courseFigure(comparison, drawn)];
}

const isKnown = ({ value }: Estimate): boolean => Number.isFinite(value);

/** Measures over the setting that takes the most numbers, or side by side where no number varies. */
function measuresFigure({ differing, groups }: Comparison, drawn: readonly string[]): Figure {
  const caption = "Measures at the last update; bars are one standard error to both sides";
  const axis = axisOf(differing, groups);
  if (axis === undefined) {
    const svg = intervals({
      names: groups.map((group) => groupName(group)),
      panels: drawn.map((name) => ({
        title: name,
        estimates: groups.map(({ measures }) => measures[name]!),
      })),
    });
    return { name: "measures", caption, svg };
  }
  const others = differing.filter((name) => name !== axis);
  const lines = [...new Set(groups.map((group) => groupName(group, others)))];
  const plots = drawn.map((name): Plot => {
    const series = lines.map((line): Series => {
      const on = groups.filter((group) => groupName(group, others) === line);
      return {
        ...withBand(
          others.length > 0 ? line : name,
          on.map(({ settings }) => settings[axis] as number),
          on.map(({ measures }) => measures[name]!),
        ),
        bars: true,
      };
    });
    return { title: name, series };
  });
  const values = groups.map(({ settings }) => settings[axis] as number);
  const xLogarithmic =
    values.every((one) => one > 0) && Math.max(...values) >= 10 * Math.min(...values);
  return { name: "measures", caption, svg: curves({ xTitle: axis, xLogarithmic, plots }) };
}

/** The setting with the most different numbers, three at least; undefined where there is none. */
function axisOf(
  differing: readonly string[],
  groups: readonly ComparedGroup[],
): string | undefined {
  const counts = differing
    .filter((name) => groups.every(({ settings }) => typeof settings[name] === "number"))
    .map((name) => ({ name, count: new Set(groups.map(({ settings }) => settings[name])).size }));
  const most = counts.reduce((a, b) => (b.count > a.count ? b : a), { name: "", count: 2 });
  return most.count > 2 ? most.name : undefined;
}

/** Measures over the updates; bands are one standard error to both sides. */
function courseFigure({ groups }: Comparison, drawn: readonly string[]): Figure[] {
  const shown = groups.slice(0, MOST_COURSES);
  const plots = drawn.flatMap((name): Plot[] => {
    const series = shown.flatMap((group): Series[] => {
      const rows = group.runs.map(
        (run) => new Map(rowsWith(run, name).map((row) => [row.update, row])),
      );
      const x = momentsOf(rows);
      const estimates = x.map((update) =>
        estimateOf(
          rows.map((one) => one.get(update)),
          name,
        ),
      );
      return estimates.some(isKnown) ? [withBand(groupName(group), x, estimates)] : [];
    });
    return series.length > 0 ? [{ title: name, series }] : [];
  });
  if (plots.length === 0) return [];
  const left = groups.length - shown.length;
  return [
    {
      name: "course",
      caption:
        `Measures over the updates; ${BANDS}` +
        (left > 0 ? `; the first ${shown.length} of ${groups.length} groups` : ""),
      svg: curves({ xTitle: "updates", plots }),
    },
  ];
}

/** Updates that all runs know, evenly chosen. */
function momentsOf(rows: readonly ReadonlyMap<number, unknown>[]): number[] {
  const common = [...rows[0]!.keys()].filter((update) => rows.every((one) => one.has(update)));
  const count = Math.min(common.length, MOST_MOMENTS);
  return Array.from(
    { length: count },
    (_, at) => common[Math.round((at * (common.length - 1)) / Math.max(1, count - 1))]!,
  );
}
