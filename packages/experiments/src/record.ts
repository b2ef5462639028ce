// experiment.json: what an experiment is, what computes it, where it stands and what every stage took.
import { LangevinError } from "@neural-langevin/core";
import type { Shard } from "@neural-langevin/runs";
import type { ExperimentStorage } from "./storage.js";

/** What one stage took, over all the times it was begun. */
export interface StageCost {
  /** By the clock. */
  readonly seconds: number;
  /** Floating-point operations of the matrix products on the backend; 0 until the stage is finished. */
  readonly flop: number;
}

/** What experiment.json says. */
export interface ExperimentRecord {
  /** Its name. */
  readonly experiment: string;
  /** The name of the scale, or `custom`. */
  readonly scale: string;
  /** Those that it is computed with. */
  readonly settings: object;
  /** What was given in place of the scale's settings, by name. */
  readonly given?: Readonly<Record<string, unknown>> | undefined;
  /** The file or package of an experiment of one's own. */
  readonly module?: string | undefined;
  /** Which of how many shares of its parts is computed here, where it is not all of them. */
  readonly shard?: Shard | undefined;
  /** Of all noise that is not told otherwise. */
  readonly seed: number;
  /** Where it stands. */
  readonly state: "running" | "interrupted" | "finished";
  /** Packages and platform by name, with their versions. */
  readonly versions: Readonly<Record<string, string>>;
  /** The backend's full name, such as "cpu:avx512". */
  readonly backend: string;
  /** The device in words, as it reports itself. */
  readonly device: string;
  /** Threads of the processor that compute. */
  readonly threads: number;
  /** When it began, ISO 8601. */
  readonly started: string;
  /** When this file was written last, ISO 8601. */
  readonly changed: string;
  /** What each took, by name. */
  readonly stages: Readonly<Record<string, StageCost>>;
}

const FILE = "experiment.json";

/**
 * The record of the experiment in a storage; undefined where there is none.
 *
 * @throws bad-file
 */
export async function readRecord(
  storage: ExperimentStorage,
): Promise<ExperimentRecord | undefined> {
  const record = (await readJson(storage, FILE)) as Partial<ExperimentRecord> | null | undefined;
  if (record === undefined) return undefined;
  const { experiment, settings, seed, stages } = record ?? {};
  if (!experiment || !settings || !Number.isSafeInteger(seed) || !stages) {
    throw new LangevinError(
      "bad-file",
      `${FILE} does not name an experiment with its settings, seed and stages.`,
    );
  }
  return record as ExperimentRecord;
}

/** Writes the record. */
export const writeRecord = (storage: ExperimentStorage, record: ExperimentRecord): Promise<void> =>
  writeJson(storage, FILE, { ...record, changed: new Date().toISOString() });

/**
 * A file's value; undefined where there is no file.
 *
 * @throws bad-file
 */
export async function readJson(storage: ExperimentStorage, name: string): Promise<unknown> {
  const bytes = await storage.read(name);
  if (!bytes) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new LangevinError("bad-file", `${name} is not JSON.`);
  }
}

export const writeJson = (
  storage: ExperimentStorage,
  name: string,
  value: unknown,
): Promise<void> => storage.write(name, `${JSON.stringify(value, null, 2)}\n`);
