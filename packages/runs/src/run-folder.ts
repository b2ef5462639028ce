// A run on disk: config.yaml, manifest.json, metrics.jsonl, checkpoints/ and figures/.
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isLangevinError, LangevinError, type TrainingState } from "@neural-langevin/core";
import { parse, stringify } from "yaml";
import { decodeCheckpoint, encodeCheckpoint } from "./machine-file.js";
import {
  checkpointName,
  checkpointUpdate,
  type Manifest,
  type MetricsRow,
  metricsText,
  parseJson,
  parseMetrics,
} from "./run-layout.js";
import { readWhole, writeWhole } from "./whole-file.js";

/** An opened run. Every file in it is written whole. */
export class RunFolder {
  readonly path: string;
  #metrics: MetricsRow[];

  /** @internal use `createRun` or `openRun` */
  constructor(path: string, metrics: MetricsRow[]) {
    this.path = path;
    this.#metrics = metrics;
  }

  /** The resolved configuration. */
  async readConfig(): Promise<Record<string, unknown>> {
    return readConfig(join(this.path, "config.yaml"));
  }

  async readManifest(): Promise<Manifest> {
    return readJson(join(this.path, "manifest.json")) as Promise<Manifest>;
  }

  /** Changes some entries of the manifest. */
  async updateManifest(patch: Partial<Manifest>): Promise<void> {
    const manifest = { ...(await this.readManifest()), ...patch };
    await writeWhole(join(this.path, "manifest.json"), toJson(manifest));
  }

  /** All metrics so far, in order. */
  get metrics(): readonly MetricsRow[] {
    return this.#metrics;
  }

  /** Adds metrics; they reach the disk with the next checkpoint or `flush`. */
  addMetrics(row: MetricsRow): void {
    this.#metrics.push(row);
  }

  /** Writes metrics.jsonl. */
  async flush(): Promise<void> {
    await writeWhole(join(this.path, "metrics.jsonl"), metricsText(this.#metrics));
  }

  /** Writes a checkpoint and the metrics up to it; returns the file. */
  async writeCheckpoint(state: TrainingState): Promise<string> {
    const file = join(this.path, "checkpoints", checkpointName(state.update));
    await writeWhole(file, encodeCheckpoint(state));
    await this.flush();
    return file;
  }

  /** The updates of all checkpoints, ascending. */
  async checkpoints(): Promise<number[]> {
    const names = await readdir(join(this.path, "checkpoints")).catch(() => []);
    return names
      .map(checkpointUpdate)
      .filter((update) => update !== undefined)
      .sort((a, b) => a - b);
  }

  /** The file of a checkpoint, the latest unless an update is named. Throws `not-found`. */
  async checkpointFile(update?: number): Promise<string> {
    const all = await this.checkpoints();
    const wanted = update ?? all.at(-1);
    if (wanted === undefined || !all.includes(wanted)) {
      throw new LangevinError(
        "not-found",
        wanted === undefined
          ? `The run ${this.path} has no checkpoint yet.`
          : `The run ${this.path} has no checkpoint of update ${wanted}.`,
        all.length > 0 ? `It has those of updates ${all.join(", ")}.` : undefined,
      );
    }
    return join(this.path, "checkpoints", checkpointName(wanted));
  }

  /**
   * Reads a checkpoint to go on with, the latest unless an update is named, and forgets metrics that
   * came after it.
   */
  async resume(update?: number): Promise<TrainingState> {
    const file = await this.checkpointFile(update);
    const state = decodeCheckpoint(await readWhole(file), file);
    this.#metrics = this.#metrics.filter((row) => row.update <= state.update);
    return state;
  }

  /** Writes a file of the run, such as `figures/curve.svg` or `summary.json`; returns its path. */
  async writeFile(name: string, content: Uint8Array | string): Promise<string> {
    const file = join(this.path, name);
    await writeWhole(file, content);
    return file;
  }
}

/**
 * Begins a run in a folder that does not exist yet or is empty.
 *
 * @param options.overwrite replaces a run that is there; nothing but a run is ever replaced
 * @throws exists
 */
export async function createRun(
  path: string,
  options: { config: object; manifest: Manifest; overwrite?: boolean },
): Promise<RunFolder> {
  await requireFree(path, options.overwrite ?? false);
  await mkdir(join(path, "checkpoints"), { recursive: true });
  await writeWhole(join(path, "config.yaml"), stringify(options.config));
  await writeWhole(join(path, "metrics.jsonl"), "");
  // The manifest comes last: a folder that has one is a run.
  await writeWhole(join(path, "manifest.json"), toJson(options.manifest));
  return new RunFolder(path, []);
}

/**
 * Refuses a path at which a run cannot begin.
 *
 * @throws exists
 */
async function requireFree(path: string, overwrite: boolean): Promise<void> {
  const entries = await readdir(path).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === "ENOENT") return [];
    if (error.code === "ENOTDIR") {
      throw new LangevinError("exists", `${path} is a file.`, "Choose another place for the run.");
    }
    throw error;
  });
  if (entries.length === 0) return;
  if (!entries.includes("manifest.json")) {
    throw new LangevinError(
      "exists",
      `The folder ${path} is not empty and is not a run.`,
      "Choose another place for the run.",
    );
  }
  if (!overwrite) {
    throw new LangevinError(
      "exists",
      `There is a run in ${path} already.`,
      "Choose another place, resume it, or say that it may be overwritten.",
    );
  }
  await rm(path, { recursive: true });
}

/**
 * Opens a run.
 *
 * @throws not-found, bad-file
 */
export async function openRun(path: string): Promise<RunFolder> {
  if (!(await isRun(path))) {
    throw new LangevinError(
      "not-found",
      `There is no run in ${path}: it has no manifest.json.`,
      "Name the folder of a run.",
    );
  }
  const file = join(path, "metrics.jsonl");
  const text = new TextDecoder().decode(await readWhole(file));
  return new RunFolder(path, parseMetrics(text, file));
}

/** Whether a folder holds a run. */
export async function isRun(path: string): Promise<boolean> {
  return stat(join(path, "manifest.json")).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

/**
 * Reads a YAML file of settings.
 *
 * @throws not-found, bad-file
 */
export async function readConfig(file: string): Promise<Record<string, unknown>> {
  let config: unknown;
  try {
    config = parse(new TextDecoder().decode(await readWhole(file)));
  } catch (error) {
    if (isLangevinError(error)) throw error;
    const problem = (error as Error).message.split("\n")[0]!.replace(/:$/, "");
    throw new LangevinError("bad-file", `${file} is not YAML: ${problem}.`);
  }
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw new LangevinError("bad-file", `${file} must hold settings, one \`name: value\` a line.`);
  }
  return config as Record<string, unknown>;
}

const toJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

async function readJson(file: string): Promise<unknown> {
  return parseJson(new TextDecoder().decode(await readWhole(file)), file);
}
