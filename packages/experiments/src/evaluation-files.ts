// An evaluation as files: its measures as JSON, and what they rest on as tables.
import { join } from "node:path";
import { csvText } from "@neural-langevin/figures";
import { writeWhole } from "@neural-langevin/runs/node";
import type { Evaluation, EvaluationDetails } from "./evaluation.js";

/** The files that `writeEvaluation` may write. */
export const evaluationFiles = (folder: string): string[] =>
  ["evaluation.json", "traces.csv", "log-likelihoods.csv"].map((name) => join(folder, name));

/**
 * Writes evaluation.json; traces.csv, E, x·∇E and the components of every watched chain at every frame; and
 * log-likelihoods.csv, −E/T − log Z of every image in nats, by its number among those of its set.
 *
 * @param record what evaluation.json holds
 * @returns the files
 * @throws invalid-value, not-found, exists, unavailable, for what the system refuses
 */
export async function writeEvaluation(
  folder: string,
  record: Pick<Evaluation, "equilibrium">,
  { traces, logLikelihoods }: EvaluationDetails,
): Promise<string[]> {
  const [json, series, images] = evaluationFiles(folder) as [string, string, string];
  const files: string[] = [];
  const write = async (file: string, content: string) => {
    await writeWhole(file, content);
    files.push(file);
  };
  await write(json, `${JSON.stringify(record, null, 2)}\n`);
  if (traces) {
    const { every } = record.equilibrium!;
    const names = Object.keys(traces);
    const rows = Array.from(traces.energy!, (chain, number) =>
      Array.from(chain, (_, frame) => ({
        step: (frame + 1) * every,
        chain: number,
        ...Object.fromEntries(names.map((name) => [name, traces[name]![number]![frame]])),
      })),
    );
    await write(series, csvText(rows.flat()));
  }
  if (logLikelihoods) {
    const rows = Object.entries(logLikelihoods).map(([set, values]) =>
      Array.from(values, (value, image) => ({ set, image, "log-likelihood in nats": value })),
    );
    await write(images, csvText(rows.flat()));
  }
  return files;
}
