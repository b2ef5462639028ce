// A run on disk: config.yaml, manifest.json, split.json, rows of measures, checkpoints/ and figures/.
import { readdir, stat } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import { ifMissing, systemFailure } from "@neural-langevin/datasets/node";
import { parse, stringify } from "yaml";
import { differences, isFixed, text } from "./changed-settings.js";
import type { EarlyStop } from "./early-stop.js";
import { type LockHolder, lockHolder } from "./lock.js";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./machine-file.js";
import { OwnFolder } from "./own-folder.js";
import {
  type CurrentRunState,
  isManifest,
  type Manifest,
  type Resumption,
  type RunState,
} from "./provenance.js";
import { RowFile } from "./row-file.js";
import {
  checkpointName,
  checkpointUpdates,
  EVALUATIONS_FILE,
  METRICS_FILE,
  type MetricsRow,
  parseJson,
  TIMES_FILE,
} from "./run-layout.js";
import {
  completeSettings,
  type GivenSettings,
  readSettings,
  settings,
  type TrainingSettings,
} from "./settings.js";
import { parseSplit, SPLIT_FILE, type Split } from "./split.js";
import type { RunSink } from "./train-run.js";
import { readWhole } from "./whole-file.js";

/** The rows of a run. */
interface RunRows {
  readonly metrics: RowFile;
  readonly evaluations: RowFile;
  readonly times: RowFile;
}

/** An opened run. Every file in it is written whole, but for rows of measures, which are appended as they come. */
export class RunFolder implements RunSink {
  /** The folder. */
  readonly path: string;
  readonly #folder: OwnFolder;
  readonly #rows: RunRows;
  /** Seconds of training before this process went on with it. */
  #secondsBefore = 0;

  /** @internal use `createRun` or `openRun` */
  constructor(folder: OwnFolder, rows: RunRows) {
    this.path = folder.path;
    this.#folder = folder;
    this.#rows = rows;
  }

  /**
   * Makes this process the only one that writes the run, until it is closed, and sweeps what killed ones left half
   * written. A run that was created is locked already.
   *
   * @throws in-use; unavailable; invalid-value, not-found, exists
   */
  async lock(): Promise<void> {
    await this.#folder.lock();
    const checkpoints = (await this.checkpoints()).map(checkpointFileName);
    await this.#folder.adopt(["config.yaml", "manifest.json", METRICS_FILE, ...checkpoints]);
  }

  /** Lets other processes write the run. */
  close(): Promise<void> {
    return this.#folder.close();
  }

  /** Closes, as `await using` does. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * All settings of the run: those that it holds, which its config.yaml says too.
   *
   * @param accepted settings whose edits in config.yaml are known of
   * @throws not-found, bad-file; invalid-value, naming what somebody changed in config.yaml; unavailable
   */
  async readSettings(accepted: GivenSettings = {}): Promise<TrainingSettings> {
    const file = join(this.path, "config.yaml");
    const said = completeSettings(await readSettingsFile(file));
    const { settings: held, resumed } = await this.readManifest();
    if (!held) return said;
    const settings = completeSettings(await withOwnData(this.path, held));
    // A change is in the manifest first: one that is not in config.yaml yet was stopped between the two.
    const last = resumed?.at(-1)?.changed ?? {};
    const edited = Object.entries(differences(settings, said)).find(
      ([name, [, other]]) =>
        !(name in accepted) && JSON.stringify(last[name]?.[0]) !== JSON.stringify(other),
    );
    if (!edited) return settings;
    const [name, [own, other]] = edited;
    throw new LangevinError(
      "invalid-value",
      `${file} says ${name}: ${text(other)}, but the run has ${text(own)}.`,
      isFixed(name)
        ? "Put it back, or begin a new run with it."
        : `Put it back, or go on with it by train --resume and --set ${name}=${text(other)}.`,
    );
  }

  /**
   * Notes that the run goes on, and the settings that hold from here on.
   *
   * @throws not-found, bad-file, unavailable, invalid-value, exists
   */
  async noteResumption(resumption: Resumption, set: GivenSettings): Promise<void> {
    const { settings: held, resumed = [] } = await this.readManifest();
    await this.updateManifest({
      settings: held && { ...held, ...set },
      resumed: [...resumed, resumption],
    });
    if (Object.keys(set).length === 0) return;
    const said = parse(await readText(join(this.path, "config.yaml"))) as GivenSettings;
    await this.writeFile("config.yaml", stringify({ ...said, ...set }));
  }

  /**
   * What made the run and where it stands.
   *
   * @throws not-found, bad-file, unavailable
   */
  async readManifest(): Promise<Manifest> {
    return readJson(join(this.path, "manifest.json")) as Promise<Manifest>;
  }

  /**
   * Where the run stands now, and who writes it while it is running. The manifest of a run whose process was killed still
   * says running; where nobody holds the lock any more, it is broken off.
   *
   * @throws bad-file, unavailable, not-found
   */
  async readState(): Promise<{ state: CurrentRunState; writer?: Partial<LockHolder> | undefined }> {
    const { state } = await this.readManifest();
    if (state !== "running") return { state };
    const writer = await lockHolder(this.path);
    // A process that came to its end in between has written its state before it let the lock go.
    const now = writer ? state : (await this.readManifest()).state;
    return now === "running" ? { state: writer ? now : "broken-off", writer } : { state: now };
  }

  /**
   * Which images the run learns and which it keeps back; undefined where it does not say.
   *
   * @throws bad-file, unavailable, not-found
   */
  async readSplit(): Promise<Split | undefined> {
    const file = join(this.path, SPLIT_FILE);
    try {
      return parseSplit(await readText(file), file);
    } catch (error) {
      if (isLangevinError(error, "not-found")) return undefined;
      throw error;
    }
  }

  /**
   * Changes some entries of the manifest.
   *
   * @throws not-found, bad-file, unavailable, invalid-value, exists
   */
  async updateManifest(patch: Partial<Manifest>): Promise<void> {
    const manifest = { ...(await this.readManifest()), ...patch };
    await this.writeFile("manifest.json", toJson(manifest));
  }

  /**
   * Notes where the run stands, and why where it is finished before its last update.
   *
   * @throws not-found, bad-file, unavailable, invalid-value, exists
   */
  setState(state: RunState, stopped?: EarlyStop): Promise<void> {
    const changed = new Date().toISOString();
    return this.updateManifest({
      state,
      stopped,
      changed,
      ended: state === "running" ? undefined : changed,
    });
  }

  /** All metrics so far, in order. */
  get metrics(): readonly MetricsRow[] {
    return this.#rows.metrics.rows;
  }

  /** All evaluations so far, in order. */
  get evaluations(): readonly MetricsRow[] {
    return this.#rows.evaluations.rows;
  }

  /**
   * Adds metrics to metrics.jsonl, and when that was to times.jsonl: `seconds` of training so far and `time`, the Unix
   * time in seconds. They have a file of their own, because metrics are the same in every repetition of a run.
   *
   * @throws exists, for a file of this name that we did not write; unavailable; invalid-value, not-found
   */
  async addMetrics(row: MetricsRow, seconds?: number): Promise<void> {
    await this.#rows.metrics.add(row);
    if (seconds === undefined) return;
    const { update } = row;
    const time = Date.now() / 1000;
    await this.#rows.times.add({ update, seconds: this.#secondsBefore + seconds, time });
  }

  /**
   * Adds an evaluation to evaluations.jsonl.
   *
   * @throws exists, for a file of this name that we did not write; unavailable; invalid-value, not-found
   */
  addEvaluation(row: MetricsRow): Promise<void> {
    return this.#rows.evaluations.add(row);
  }

  /**
   * Writes a checkpoint; returns the file. The rows of measures are flushed to the disk first, so that no checkpoint is
   * ever without those that led to it.
   *
   * @throws wrong-length; exists, for a file of this name that we did not write; unavailable; invalid-value, not-found
   */
  async writeCheckpoint(checkpoint: Checkpoint): Promise<string> {
    for (const rows of Object.values(this.#rows)) await rows.flush();
    return this.writeFile(checkpointFileName(checkpoint.update), encodeCheckpoint(checkpoint));
  }

  /**
   * Removes checkpoints but for those that are chosen of their updates, ascending.
   *
   * @throws unavailable, invalid-value, not-found, exists
   */
  async keepCheckpoints(choose: (updates: readonly number[]) => readonly number[]): Promise<void> {
    const all = await this.checkpoints();
    const kept = choose(all);
    for (const update of all.filter((one) => !kept.includes(one))) {
      await this.#folder.remove(checkpointFileName(update));
    }
  }

  /** The updates of all checkpoints, ascending. Throws `unavailable` where their folder cannot be read. */
  async checkpoints(): Promise<number[]> {
    const folder = join(this.path, "checkpoints");
    return checkpointUpdates(await readdir(folder).catch(ifMissing<string[]>(folder, [])));
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
        all.length > 0
          ? `It has those of updates ${all.join(", ")}.`
          : "A training that goes on with it begins anew.",
      );
    }
    return join(this.path, checkpointFileName(wanted));
  }

  /**
   * Reads a checkpoint to go on with, the latest unless an update is named, and forgets measures that came after it.
   * Later checkpoints are moved to checkpoints/set-aside/, because the training will write its own.
   *
   * @throws not-found; bad-file, with the checkpoints before a damaged one; invalid-value, unsupported, exists,
   *   unavailable
   */
  async resume(update?: number): Promise<Checkpoint> {
    const file = await this.checkpointFile(update);
    const all = await this.checkpoints();
    const at = update ?? all.at(-1)!;
    const bytes = await readWhole(file);
    const state = decodeOrPointBack(
      bytes,
      file,
      all.filter((one) => one < at),
    );
    // Measures go last, so that no checkpoint is ever without those that led to it.
    for (const later of all.filter((one) => one > at).reverse()) {
      const name = checkpointName(later).replace(".", `-${Date.now()}.`);
      await this.#folder.move(checkpointFileName(later), `checkpoints/set-aside/${name}`);
    }
    await this.#forgetAfter(at);
    return state;
  }

  /** Forgets all measures, of a run without a checkpoint, which begins anew. */
  beginAnew(): Promise<void> {
    return this.#forgetAfter(-1);
  }

  async #forgetAfter(update: number): Promise<void> {
    for (const rows of Object.values(this.#rows)) await rows.forgetAfter(update);
    this.#secondsBefore = this.#rows.times.rows.at(-1)?.seconds ?? 0;
  }

  /**
   * Adds to the end of a file of the run, such as a log.
   *
   * @throws exists, for a file of this name that we did not write; unavailable; invalid-value, not-found
   */
  appendFile(name: string, content: Uint8Array | string): Promise<void> {
    return this.#folder.append(name, content);
  }

  /**
   * Writes a file of the run, such as `figures/curve.svg` or `summary.json`; returns its path.
   *
   * @throws exists, for a file of this name that we did not write; unavailable; invalid-value, not-found
   */
  writeFile(name: string, content: Uint8Array | string): Promise<string> {
    return this.#folder.write(name, content);
  }
}

const toLine = (value: unknown): string => `${JSON.stringify(value)}\n`;

const checkpointFileName = (update: number): string => `checkpoints/${checkpointName(update)}`;

/** A checkpoint; where it is damaged, the failure names those before it. */
function decodeOrPointBack(bytes: Uint8Array, file: string, before: readonly number[]): Checkpoint {
  try {
    return decodeCheckpoint(bytes, file);
  } catch (error) {
    if (!isLangevinError(error, "bad-file")) throw error;
    const remedy =
      before.length > 0
        ? `Go on from one before it with --from: ${before.join(", ")}.`
        : "There is no checkpoint before it: begin a new run.";
    throw new LangevinError("bad-file", `The checkpoint is damaged: ${error.message}`, remedy);
  }
}

/**
 * Begins a run in a folder that does not exist yet or is empty, and locks it until it is closed.
 *
 * @param options.overwrite takes a folder that holds a run; of its files those are removed that we wrote
 * @throws exists, in-use, unavailable; invalid-value, for an empty path; not-found
 */
export async function createRun(
  path: string,
  options: {
    settings: TrainingSettings;
    manifest: Manifest;
    /** Which images are learned and which are kept back; drawn again by the settings unless given. */
    split?: Split | undefined;
    overwrite?: boolean | undefined;
  },
): Promise<RunFolder> {
  const folder = new OwnFolder(path, "run");
  await folder.create(options);
  try {
    await folder.write("config.yaml", stringify(options.settings));
    for (const name of rowFiles(options.settings)) await folder.write(name, "");
    if (options.split) await folder.write(SPLIT_FILE, toLine(options.split));
    // The manifest comes last: a folder that has one is a run.
    await folder.write("manifest.json", toJson(options.manifest));
  } catch (error) {
    await folder.close();
    throw error;
  }
  return new RunFolder(folder, {
    metrics: RowFile.empty(folder, METRICS_FILE),
    evaluations: RowFile.empty(folder, EVALUATIONS_FILE),
    times: RowFile.empty(folder, TIMES_FILE),
  });
}

/** The files of rows that a run begins with. */
const rowFiles = ({ "evaluate-every": every }: TrainingSettings): readonly string[] => [
  METRICS_FILE,
  TIMES_FILE,
  ...(every > 0 ? [EVALUATIONS_FILE] : []),
];

/**
 * Opens a run.
 *
 * @throws not-found, bad-file, unavailable
 */
export async function openRun(path: string): Promise<RunFolder> {
  await requireRunFolder(path);
  const folder = new OwnFolder(path, "run");
  return new RunFolder(folder, {
    metrics: await RowFile.open(folder, METRICS_FILE),
    evaluations: await RowFile.openIfThere(folder, EVALUATIONS_FILE),
    times: await RowFile.openIfThere(folder, TIMES_FILE),
  });
}

/**
 * Refuses a path that is not the folder of a run, and says why it is not.
 *
 * @throws not-found; unavailable, where it may not be read
 */
export async function requireRunFolder(
  path: string,
  remedy = "Name the folder of a run.",
): Promise<void> {
  if (await isRun(path)) return;
  const [folder, manifest] = await Promise.all(
    [path, join(path, "manifest.json")].map((file) => stat(file).catch(ifMissing(file, undefined))),
  );
  const problem = manifest
    ? `The folder ${path} is not a run: its manifest.json was written by another program.`
    : folder?.isDirectory()
      ? `The folder ${path} is not a run: it has no manifest.json.`
      : folder
        ? `${path} is a file, not the folder of a run.`
        : `There is no run in ${path}.`;
  throw new LangevinError("not-found", problem, remedy);
}

/**
 * Whether a folder holds a run, which its manifest says.
 *
 * @throws unavailable, where the manifest cannot be read: it may well be one
 */
export async function isRun(path: string): Promise<boolean> {
  return readJson(join(path, "manifest.json")).then(isManifest, (error) => {
    if (isLangevinError(error, "unavailable")) throw error;
    return false;
  });
}

/**
 * Reads a YAML file of settings; those it does not name are left out. The data it names are looked for beside it first,
 * so that a run which brings its own data can be moved.
 *
 * @throws not-found, bad-file, invalid-value, unavailable
 */
export async function readSettingsFile(file: string): Promise<Partial<TrainingSettings>> {
  const content = await readYaml(file);
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new LangevinError("bad-file", `${file} must hold settings, one \`name: value\` a line.`);
  }
  const given = readSettings(content as Record<string, unknown>, (name) => `${file}: ${name}`);
  return withOwnData(dirname(file), given);
}

/** Settings are a page of text; more bytes, or deeper lists within lists, are something else. */
const MOST_YAML = { bytes: 2 ** 20, levels: 64 };

/**
 * What a YAML file of settings holds: no more than 1 MB, and no more than 64 levels.
 *
 * @throws not-found, bad-file, unavailable
 */
export async function readYaml(file: string): Promise<unknown> {
  const { bytes, levels } = MOST_YAML;
  const { size } = await stat(file).catch((error) => {
    throw systemFailure(error, "read", file);
  });
  const tooMuch = size > bytes && `${size} bytes, and settings are at most ${bytes}`;
  const text = tooMuch ? "" : await readText(file);
  // The parser calls itself for every level, and the stack is not the place to find out.
  const tooDeep = levelsOf(text) > levels && `more than ${levels} levels, and settings have a few`;
  const problem = tooMuch || tooDeep;
  if (problem) {
    throw new LangevinError("bad-file", `${file} has ${problem}.`, "Name a file of settings.");
  }
  try {
    // What the library warns of, such as an unknown tag, shows in the value that is read.
    return parse(text, { logLevel: "error" });
  } catch (error) {
    if (isLangevinError(error)) throw error;
    const problem = (error as Error).message.split("\n")[0]!.replace(/:$/, "");
    throw new LangevinError("bad-file", `${file} is not YAML: ${problem}.`);
  }
}

/** An upper bound of how deep a YAML text is: open brackets, and marks and spaces at the beginning of a line. */
function levelsOf(text: string): number {
  let most = 0;
  let open = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    open = Math.max(0, open + (bracket === "[" || bracket === "{" ? 1 : -1));
    most = Math.max(most, open);
  }
  for (const [start] of text.matchAll(/^[-?: \t]+/gm)) most = Math.max(most, start.length / 2);
  return most;
}

/** Settings whose data lie in a folder, by their path. */
export async function withOwnData<Settings extends GivenSettings>(
  folder: string,
  given: Settings,
): Promise<Settings> {
  const own: { -readonly [Name in "data" | "labels-file"]?: string } = {};
  for (const name of ["data", "labels-file"] as const) {
    const source = given[name];
    const path = source === undefined ? undefined : await ownData(folder, source);
    if (path !== undefined) own[name] = path;
  }
  return { ...given, ...own };
}

/** Data that lie beside the settings; undefined where there are none of this name. */
async function ownData(folder: string, source: string): Promise<string | undefined> {
  if (source === settings.data.default || isAbsolute(source)) return undefined;
  const path = join(folder, source);
  return (await stat(path).catch(ifMissing(path, undefined))) && path;
}

const toJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const readText = async (file: string): Promise<string> =>
  new TextDecoder().decode(await readWhole(file));

const readJson = async (file: string): Promise<unknown> => parseJson(await readText(file), file);
