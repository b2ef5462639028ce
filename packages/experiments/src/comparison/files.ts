// Runs on disk that are compared, and the comparison as files.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import { ifMissing } from "@neural-langevin/datasets/node";
import { figureNumbers } from "@neural-langevin/figures";
import { type MetricsRow, parseMetrics } from "@neural-langevin/runs";
import { isRun, openRun, readWhole, writeWhole } from "@neural-langevin/runs/node";
import { tableCsv } from "../report.js";
import type { ComparedRun, Comparison } from "./compare.js";
import { comparisonFigures, comparisonTables } from "./figures.js";

/**
 * The runs that are named, and those directly in folders that are named, such as the folders of a sweep.
 *
 * @throws not-found, for a folder without runs; bad-file; invalid-value, unavailable
 */
export async function readComparedRuns(paths: readonly string[]): Promise<ComparedRun[]> {
  const found = new Set<string>();
  for (const path of paths) {
    for (const run of await runsIn(path)) found.add(run);
  }
  const runs: ComparedRun[] = [];
  for (const path of found) {
    const run = await openRun(path);
    const { data } = await run.readManifest();
    const { state } = await run.readState();
    const settings = await run.readSettings();
    const { metrics } = run;
    const evaluations = await readRows(join(path, "evaluations.jsonl"));
    const dataSha256 = data.sha256;
    runs.push({ name: path, state, settings, dataSha256, metrics, evaluations });
  }
  return runs;
}

async function runsIn(path: string): Promise<string[]> {
  if (await isRun(path)) return [path];
  const names = await readdir(path).catch(ifMissing<string[]>(path, []));
  const inside = names.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const runs: string[] = [];
  for (const name of inside) if (await isRun(join(path, name))) runs.push(join(path, name));
  if (runs.length > 0) return runs;
  throw new LangevinError(
    "not-found",
    `There is no run in ${path}, nor in a folder below it.`,
    "Name the folders of runs, or the folder of a sweep.",
  );
}

async function readRows(file: string): Promise<MetricsRow[]> {
  const bytes = await readWhole(file).catch((error) => {
    if (isLangevinError(error, "not-found")) return undefined;
    throw error;
  });
  return bytes ? parseMetrics(new TextDecoder().decode(bytes), file) : [];
}

/** The files that `writeComparison` may write. */
export const comparisonFiles = (folder: string): string[] =>
  [
    "groups.csv",
    "runs.csv",
    ...["measures", "course"].flatMap((name) => [`${name}.svg`, `${name}.csv`, `${name}.png`]),
  ].map((name) => join(folder, name));

/**
 * Writes groups.csv, runs.csv and the figures of a comparison into a folder, as SVG and PNG, with their numbers as CSV.
 *
 * @returns the files
 * @throws unavailable, invalid-value, not-found, exists
 */
export async function writeComparison(
  folder: string,
  comparison: Comparison,
  renderPng: (svg: string, zoom: number) => Promise<Uint8Array>,
): Promise<string[]> {
  const files: string[] = [];
  const write = async (name: string, content: Uint8Array | string) => {
    const file = join(folder, name);
    await writeWhole(file, content);
    files.push(file);
  };
  for (const table of comparisonTables(comparison)) {
    await write(`${table.name}.csv`, tableCsv(table));
  }
  for (const figure of comparisonFigures(comparison)) {
    if (!("svg" in figure)) continue;
    await write(`${figure.name}.svg`, figure.svg);
    const numbers = figureNumbers(figure.svg);
    if (numbers !== undefined) await write(`${figure.name}.csv`, numbers);
    await write(`${figure.name}.png`, await renderPng(figure.svg, 2));
  }
  return files;
}
