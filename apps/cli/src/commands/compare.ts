// `nlm compare`: runs side by side, with means over seeds.
import {
  compareRuns,
  comparisonTables,
  comparisonValue,
  tableCsv,
} from "@neural-langevin/experiments";
import {
  comparisonFiles,
  readComparedRuns,
  writeComparison,
} from "@neural-langevin/experiments/node";
import { renderPng } from "@neural-langevin/figures/node";
import { requireWritable } from "@neural-langevin/runs/node";
import { type Command, Option } from "commander";
import type { Terminal } from "../terminal/terminal.js";
import { describeComparison } from "../text/comparison.js";

interface CompareOptions {
  readonly out: string | undefined;
  readonly csv: boolean;
  readonly overwrite: boolean;
}

async function compareCommand(
  terminal: Terminal,
  paths: readonly string[],
  { out, csv, overwrite }: CompareOptions,
): Promise<void> {
  const comparison = compareRuns(await readComparedRuns(paths));
  if (out !== undefined) {
    await requireWritable(comparisonFiles(out), overwrite);
    const files = await writeComparison(out, comparison, renderPng);
    for (const file of files) terminal.print(`  ${file}`);
  }
  const width = Math.min(terminal.columns, 100);
  const human = csv
    ? tableCsv(comparisonTables(comparison)[0]!).trimEnd()
    : describeComparison(comparison, width);
  terminal.result(comparisonValue(comparison), human);
}

/** Adds the command to the program. */
export function defineCompare(program: Command, terminal: Terminal): void {
  program
    .command("compare")
    .description("compare runs: the settings that differ, and measures with their errors")
    .argument("<runs...>", "folders of runs, or of sweeps")
    .option("--out <folder>", "write groups.csv, runs.csv and figures with error bars there")
    .option("--overwrite", "replace the files of an earlier comparison", false)
    .option("--csv", "print the table as CSV", false)
    .addOption(new Option("--json", "write one JSON object to stdout").conflicts("csv"))
    .addHelpText(
      "after",
      `
Runs that differ by their seed alone are one row: the mean and its standard error over
them. Measures of held-out images come from trainings with --evaluate-every, energies
and gradients from every training. Shards of a sweep in several folders are compared
by naming these folders.

Examples:
  nlm compare runs/sweeps/rates
  nlm compare runs/first runs/second --csv
  nlm compare node1/rates node2/rates --out figures/rates`,
    )
    .action((runs: string[], options: CompareOptions) => compareCommand(terminal, runs, options));
}
