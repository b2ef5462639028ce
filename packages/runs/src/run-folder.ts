// A run on disk: config.yaml, manifest.json, metrics.jsonl, checkpoints/ and figures/.
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import { parse, stringify } from "yaml";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./machine-file.js";
import type { Manifest, RunState } from "./provenance.js";
import {
  checkpointName,
  checkpointUpdate,
  type MetricsRow,
  metricsText,
  parseJson,
  parseMetrics,
} from "./run-layout.js";
import { completeSettings, readSettings, settings, type TrainingSettings } from "./settings.js";
import type { RunSink } from "./train-run.js";
import { readWhole, writeWhole } from "./whole-file.js";

/** An opened run. Every file in it is written whole. */
export class RunFolder implements RunSink {
  readonly path: string;
  #metrics: MetricsRow[];

  /** @internal use `createRun` or `openRun` */
  constructor(path: string, metrics: MetricsRow[]) {
    this.path = path;
    this.#metrics = metrics;
  }

  /**
   * All settings of the run, from its config.yaml.
   *
   * @throws not-found, bad-file, invalid-value
   */
  async readSettings(): Promise<TrainingSettings> {
    return completeSettings(await readSettingsFile(join(this.path, "config.yaml")));
  }

  async readManifest(): Promise<Manifest> {
    return readJson(join(this.path, "manifest.json")) as Promise<Manifest>;
  }

  /** Changes some entries of the manifest. */
  async updateManifest(patch: Partial<Manifest>): Promise<void> {
    const manifest = { ...(await this.readManifest()), ...patch };
    await writeWhole(join(this.path, "manifest.json"), toJson(manifest));
  }

  /** Notes where the run stands. */
  setState(state: RunState): Promise<void> {
    return this.updateManifest({ state, changed: new Date().toISOString() });
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

  /**
   * Writes a checkpoint and the metrics up to it; returns the file. The metrics come first, so that no checkpoint is
   * ever without those that led to it.
   */
  async writeCheckpoint(checkpoint: Checkpoint): Promise<string> {
    await this.flush();
    const file = join(this.path, "checkpoints", checkpointName(checkpoint.update));
    await writeWhole(file, encodeCheckpoint(checkpoint));
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
  async resume(update?: number): Promise<Checkpoint> {
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
  options: { settings: TrainingSettings; manifest: Manifest; overwrite?: boolean | undefined },
): Promise<RunFolder> {
  await requireFree(path, options.overwrite ?? false);
  await mkdir(join(path, "checkpoints"), { recursive: true });
  await writeWhole(join(path, "config.yaml"), stringify(options.settings));
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
    const entry = await stat(path).catch(() => undefined);
    throw new LangevinError(
      "not-found",
      entry?.isDirectory()
        ? `The folder ${path} is not a run: it has no manifest.json.`
        : `There is no run in ${path}.`,
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
 * Reads a YAML file of settings; those it does not name are left out. The data it names are looked for beside it first,
 * so that a run which brings its own data can be moved.
 *
 * @throws not-found, bad-file, invalid-value
 */
export async function readSettingsFile(file: string): Promise<Partial<TrainingSettings>> {
  let content: unknown;
  try {
    content = parse(new TextDecoder().decode(await readWhole(file)));
  } catch (error) {
    if (isLangevinError(error)) throw error;
    const problem = (error as Error).message.split("\n")[0]!.replace(/:$/, "");
    throw new LangevinError("bad-file", `${file} is not YAML: ${problem}.`);
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new LangevinError("bad-file", `${file} must hold settings, one \`name: value\` a line.`);
  }
  const given = readSettings(content as Record<string, unknown>, (name) => `${file}: ${name}`);
  const data = given.data === undefined ? undefined : await ownData(dirname(file), given.data);
  return data === undefined ? given : { ...given, data };
}

/** Data that lie beside the settings; undefined where there are none of this name. */
async function ownData(folder: string, source: string): Promise<string | undefined> {
  if (source === settings.data.default || isAbsolute(source)) return undefined;
  const path = join(folder, source);
  return (await stat(path).catch(() => undefined)) && path;
}

const toJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

async function readJson(file: string): Promise<unknown> {
  return parseJson(new TextDecoder().decode(await readWhole(file)), file);
}
