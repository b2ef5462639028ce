// report.md and report.json: what was found, beside what the paper says, with settings, device, time and work.
import { formatDuration, formatNumber } from "../text/format.js";
import type { Experiment, Finding } from "./experiment.js";
import type { ExperimentFolder, ExperimentRecord } from "./experiment-folder.js";
import type { Row, Workbench } from "./workbench.js";

/** What report.json holds. */
export interface Report extends Omit<ExperimentRecord, "state" | "changed"> {
  readonly shows: string;
  readonly findings: readonly Finding[];
  readonly seconds: number;
  readonly flop: number;
  readonly figures: readonly { readonly name: string; readonly caption: string }[];
  readonly tables: readonly { readonly name: string; readonly caption: string }[];
}

/** A table with more rows than this is only linked. */
const SHOWN_ROWS = 24;

const verdicts: Readonly<Record<Finding["agrees"], string>> = {
  yes: "yes",
  partly: "partly",
  no: "no",
  silent: "the paper does not say",
  absent: "not computed",
};

/** Writes both reports; returns the path of report.md, and what report.json holds. */
export async function writeReport(
  folder: ExperimentFolder,
  experiment: Experiment,
  bench: Workbench,
  findings: readonly Finding[],
): Promise<{ path: string; report: Report }> {
  const { state: _, changed: __, ...record } = folder.record;
  const costs = Object.values(record.stages);
  const report: Report = {
    ...record,
    shows: experiment.shows,
    findings,
    seconds: costs.reduce((sum, { seconds }) => sum + seconds, 0),
    flop: costs.reduce((sum, { flop }) => sum + flop, 0),
    figures: bench.figures,
    tables: bench.tables.map(({ name, caption }) => ({ name, caption })),
  };
  await folder.writeJson("report.json", report);
  return { path: await folder.write("report.md", draw(report, bench.tables)), report };
}

function draw(report: Report, tables: Workbench["tables"]): string {
  const { experiment, scale, shows, findings, seconds, flop } = report;
  const lines = [`# ${experiment}, ${scale}`, "", `${shows}.`, "", "## What was found", ""];
  for (const { paper, found, agrees } of findings) {
    lines.push(`- **Paper:** ${paper}`, `  **Here:** ${found}`);
    lines.push(`  **Agrees:** ${verdicts[agrees]}.`, "");
  }
  for (const { name, caption } of report.figures) {
    lines.push(`![${caption}](figures/${name}.png)`, "", `*${caption}.*`, "");
  }
  for (const { name, caption, rows } of tables) {
    lines.push(`${caption} ([CSV](tables/${name}.csv)).`, "");
    if (rows.length <= SHOWN_ROWS) lines.push(...markdownTable(rows), "");
  }
  lines.push(
    "## How",
    "",
    `On ${report.device} (\`${report.backend}\`), seed ${report.seed}: ` +
      `${formatDuration(seconds)} and ${formatNumber(flop / 1e12)} TFLOP of matrix products.`,
    "",
    "| stage | seconds | TFLOP |",
    "| --- | ---: | ---: |",
    ...Object.entries(report.stages).map(
      ([name, cost]) =>
        `| ${name} | ${cost.seconds.toFixed(1)} | ${formatNumber(cost.flop / 1e12)} |`,
    ),
    "",
    "```json",
    JSON.stringify(report.settings, null, 2),
    "```",
    "",
  );
  return lines.join("\n");
}

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
