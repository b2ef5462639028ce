// What an experiment reports: findings beside what the paper says, figures, tables, settings, device, time and work.
import { csvText } from "@neural-langevin/figures";
import type { Experiment, Figure, Finding, Row, Table, Verdict } from "./experiment.js";
import { meaningsIn } from "./format.js";
import type { ExperimentRecord } from "./record.js";

/** What report.json holds. */
export interface Report extends Omit<ExperimentRecord, "state" | "changed"> {
  /** What the experiment shows, in one line. */
  readonly description: string;
  /** What was found, beside what the paper says. */
  readonly findings: readonly Finding[];
  /** What the symbols in the findings mean, in a line each. */
  readonly symbols: Readonly<Record<string, string>>;
  /** Over all stages. */
  readonly seconds: number;
  /** Floating-point operations over all stages. */
  readonly flop: number;
  /** In figures/, by name. */
  readonly figures: readonly Pick<Figure, "name" | "caption">[];
  /** In tables/, by name. */
  readonly tables: readonly Pick<Table, "name" | "caption">[];
}

/** The report of a finished experiment. */
export function makeReport(
  { description }: Pick<Experiment, "description">,
  { state: _, changed: __, ...record }: ExperimentRecord,
  results: {
    readonly findings: readonly Finding[];
    readonly figures: readonly Figure[];
    readonly tables: readonly Table[];
  },
): Report {
  const nameOf = ({ name, caption }: Pick<Table, "name" | "caption">) => ({ name, caption });
  const costs = Object.values(record.stages);
  return {
    ...record,
    description,
    findings: results.findings,
    symbols: meaningsIn(results.findings.map(({ found }) => found)),
    seconds: costs.reduce((sum, { seconds }) => sum + seconds, 0),
    flop: costs.reduce((sum, { flop }) => sum + flop, 0),
    figures: results.figures.map(nameOf),
    tables: results.tables.map(nameOf),
  };
}

/** A table with more rows than this is only linked. */
const SHOWN_ROWS = 24;

const verdictText: Readonly<Record<Verdict, string>> = {
  yes: "agrees",
  partly: "agrees in part",
  no: "differs",
  unclear: "the errors leave it open",
  "not-claimed": "the paper makes no claim",
  "not-run": "not computed",
};

/**
 * report.md.
 *
 * @param pictures the file of every figure, by the figure's name
 * @param numbered names of the figures whose numbers lie beside them
 */
export function reportMarkdown(
  report: Report,
  tables: readonly Table[],
  pictures: ReadonlyMap<string, string>,
  numbered: ReadonlySet<string>,
): string {
  const lines = [`# ${report.experiment}, ${report.scale}`, "", `${report.description}.`, ""];
  const given = Object.entries(report.given ?? {}).map(([name, value]) => `\`${name}=${value}\``);
  if (given.length > 0) lines.push(`Given in place of the scale's: ${given.join(", ")}.`, "");
  lines.push("## Findings", "");
  for (const { paper, found, verdict } of report.findings) {
    if (paper === "") lines.push(`- ${found}`, "");
    else {
      lines.push(`- **Paper:** ${paper}`, `  **Here:** ${found}`);
      lines.push(`  **Verdict:** ${verdictText[verdict]}.`, "");
    }
  }
  const symbols = Object.entries(report.symbols).map(([of, is]) => `- ${of}: ${is}.`);
  if (symbols.length > 0) lines.push(...symbols, "");
  for (const { name, caption } of report.figures) {
    const numbers = numbered.has(name) ? ` ([CSV](figures/${name}.csv))` : "";
    lines.push(`![${caption}](${pictures.get(name)})`, "", `*${caption}.*${numbers}`, "");
  }
  for (const { name, caption, rows } of tables) {
    lines.push(`${caption} ([CSV](tables/${name}.csv)).`, "");
    if (rows.length <= SHOWN_ROWS) lines.push(...markdownTable(rows), "");
  }
  const took = Object.entries(report.stages).map(
    ([name, { seconds, flop }]) => `| ${name} | ${seconds.toFixed(1)} | ${digits(flop / 1e12)} |`,
  );
  lines.push(
    "## How it was computed",
    "",
    `On ${report.device} (\`${report.backend}\`), seed ${report.seed}: ` +
      `${Math.round(report.seconds)} s and ${digits(report.flop / 1e12)} TFLOP of matrix products.`,
    "",
    "| stage | seconds | TFLOP |",
    "| --- | ---: | ---: |",
    ...took,
    "",
    "```json",
    JSON.stringify(report.settings, null, 2),
    "```",
    "",
  );
  return lines.join("\n");
}

/** A table as CSV. */
export const tableCsv = ({ rows }: Table): string => csvText(rows);

/** Four significant digits. */
const digits = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(4))) : "–";

function markdownTable(rows: readonly Row[]): string[] {
  const columns = Object.keys(rows[0] ?? {});
  const cells = (row: Row) =>
    columns.map((column) => {
      const value = row[column]!;
      return typeof value === "number" ? digits(value) : value;
    });
  const line = (parts: readonly string[]) => `| ${parts.join(" | ")} |`;
  return [line(columns), line(columns.map(() => "---")), ...rows.map((row) => line(cells(row)))];
}
