// Compared runs as a table for people.
import { type Comparison, groupName, valueText } from "@neural-langevin/experiments";
import { describeMeanings } from "./evaluation.js";
import { alignTable, counted, describeTerm, formatEstimate, wrapText } from "./format.js";

/** A comparison in lines of at most `width` characters: settings that differ first, then measures, in several tables where one is too wide. */
export function describeComparison(comparison: Comparison, width: number): string {
  const { differing, measures, groups } = comparison;
  const known = measures.filter((name) =>
    groups.some((group) => Number.isFinite(group.measures[name]!.value)),
  );
  const own = [
    [...differing, "runs"],
    ...groups.map(({ settings, runs }) => [
      ...differing.map((name) => valueText(settings[name])),
      String(runs.length),
    ]),
  ];
  const isWide = alignTable(own)[0]!.length > width / 2;
  const keys = isWide
    ? [["", "runs"], ...own.slice(1).map((row, at) => [`${at + 1}`, row.at(-1)!])]
    : own;
  const legend = isWide
    ? [...groups.map((group, at) => describeTerm(`  ${at + 1}`, groupName(group), 6, width)), ""]
    : [];
  const columns = known.map((name) => [
    name,
    ...groups.map((group) => formatEstimate(group.measures[name]!)),
  ]);
  const tables: string[][] = [];
  for (let first = 0; first < columns.length || first === 0; ) {
    let last = first + 1;
    const upTo = (end: number) =>
      alignTable(
        keys.map((row, at) => [...row, ...columns.slice(first, end).map((one) => one[at]!)]),
      );
    while (last < columns.length && upTo(last + 1)[0]!.length <= width) last++;
    tables.push(upTo(last));
    first = last;
  }
  const runs = groups.reduce((sum, group) => sum + group.runs.length, 0);
  const note =
    `${counted(runs, "run")}, at their last updates. ± is one standard error: as it was measured or, where a ` +
    "row has several runs, between seeds, whichever is larger.";
  return [
    ...legend,
    ...tables.map((table) => `${table.join("\n")}\n`),
    wrapText(note, width),
    describeMeanings(known, width),
  ].join("\n");
}
