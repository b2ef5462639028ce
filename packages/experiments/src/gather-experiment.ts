// The shards of an experiment, which several processes computed in folders of their own, as one experiment.
import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { LangevinError } from "@neural-langevin/core";
import { readWhole } from "@neural-langevin/runs/node";
import { createExperimentFolder, openExperimentFolder } from "./experiment-folder.js";
import { type ExperimentRecord, readRecord, type StageCost, writeRecord } from "./record.js";

/** The folders of what stages keep. */
const stageFolders = ["machines", "arrays", "stages"];

/**
 * Copies what all shards of an experiment computed into a new folder, where `runExperiment` then finds every stage done.
 *
 * @param shards the folders of all shards, in any order
 * @throws not-found, for a folder without an experiment; in-use; invalid-value, for shards that do not belong together,
 *   are missing or not finished; what `createExperimentFolder` throws (bad-file, exists, unavailable)
 */
export async function gatherExperiment(
  shards: readonly string[],
  out: string,
  options: { readonly overwrite?: boolean | undefined } = {},
): Promise<void> {
  const records: ExperimentRecord[] = [];
  for (const path of shards) {
    await using folder = await openExperimentFolder(path);
    records.push((await readRecord(folder))!);
  }
  requireWhole(shards, records);
  await using folder = await createExperimentFolder(out, options);
  const stages: Record<string, StageCost> = {};
  for (const [at, path] of shards.entries()) {
    for (const name of await stageFiles(path))
      await folder.write(name, await readWhole(join(path, name)));
    for (const [name, { seconds, flop }] of Object.entries(records[at]!.stages)) {
      const before = stages[name] ?? { seconds: 0, flop: 0 };
      stages[name] = { seconds: before.seconds + seconds, flop: Math.max(before.flop, flop) };
    }
  }
  // The record comes last: a folder that has one is an experiment.
  const { shard: _, ...record } = records[0]!;
  await writeRecord(folder, { ...record, stages, state: "interrupted" });
}

/** Refuses shards that are not all shares of one experiment. */
function requireWhole(shards: readonly string[], records: readonly ExperimentRecord[]): void {
  const first = records[0];
  for (const [at, record] of records.entries()) {
    const { shard, state, experiment } = record;
    const path = shards[at]!;
    if (!shard) throw refused(`The experiment in ${path} is not a shard.`, "Leave it out.");
    if (state !== "finished") {
      throw refused(
        `The shard ${shard.index + 1} of ${shard.count} in ${path} is not finished.`,
        `Go on with it: nlm experiment --resume ${path}`,
      );
    }
    const of = ({ experiment, settings, seed, shard }: ExperimentRecord) =>
      JSON.stringify([experiment, settings, seed, shard?.count]);
    if (of(record) !== of(first!)) {
      throw refused(
        `The shards in ${shards[0]} and ${path} are not shards of one experiment ${experiment} with the same settings, seed and number of shards.`,
        "Gather shards of one call.",
      );
    }
    const twin = records.findIndex((one) => one.shard?.index === shard.index);
    if (twin < at) {
      throw refused(
        `${shards[twin]} and ${path} are both shard ${shard.index + 1} of ${shard.count}.`,
        "Leave one of them out.",
      );
    }
  }
  const { count } = first!.shard!;
  const there = new Set(records.map(({ shard }) => shard!.index));
  const missing = Array.from({ length: count }, (_, index) => index).filter(
    (one) => !there.has(one),
  );
  if (missing.length === 0) return;
  throw refused(
    `Of ${count} shards ${missing.map((index) => `${index + 1}/${count}`).join(", ")} are missing.`,
    "Name the folders of all shards.",
  );
}

const refused = (sentence: string, remedy: string) =>
  new LangevinError("invalid-value", sentence, remedy);

/** The files of a shard's stages, as names with `/`. */
async function stageFiles(path: string): Promise<string[]> {
  const names: string[] = [];
  for (const folder of stageFolders) {
    const entries = await readdir(join(path, folder), {
      recursive: true,
      withFileTypes: true,
    }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    });
    for (const entry of entries.filter((one) => one.isFile())) {
      names.push(relative(path, join(entry.parentPath, entry.name)).replaceAll(sep, "/"));
    }
  }
  return names;
}
