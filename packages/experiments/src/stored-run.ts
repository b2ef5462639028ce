// A training among an experiment's files, with the layout of a run, so that every command that reads runs reads it.
import { LangevinError } from "@neural-langevin/core";
import {
  type Checkpoint,
  checkpointName,
  checkpointUpdates,
  decodeCheckpoint,
  decodeNetwork,
  encodeCheckpoint,
  type Manifest,
  type MetricsRow,
  metricsText,
  parseMetrics,
  type RunSink,
  type RunState,
  type StoredNetwork,
  type TrainingSettings,
} from "@neural-langevin/runs";
import { stringify } from "yaml";
import { readJson, writeJson } from "./record.js";
import type { ExperimentStorage } from "./storage.js";

/** A run in a folder of a storage. */
export class StoredRun implements RunSink {
  readonly #storage: ExperimentStorage;
  readonly #folder: string;
  #manifest: Manifest;
  #metrics: MetricsRow[];

  private constructor(
    storage: ExperimentStorage,
    folder: string,
    manifest: Manifest,
    metrics: MetricsRow[],
  ) {
    this.#storage = storage;
    this.#folder = folder;
    this.#manifest = manifest;
    this.#metrics = metrics;
  }

  /** Begins a run. */
  static async create(
    storage: ExperimentStorage,
    folder: string,
    { settings, manifest }: { readonly settings: TrainingSettings; readonly manifest: Manifest },
  ): Promise<StoredRun> {
    await storage.write(`${folder}/config.yaml`, stringify(settings));
    await storage.write(`${folder}/metrics.jsonl`, "");
    // The manifest comes last: a folder that has one is a run.
    await writeJson(storage, `${folder}/manifest.json`, manifest);
    return new StoredRun(storage, folder, manifest, []);
  }

  /**
   * Opens a run; undefined where there is none.
   *
   * @throws bad-file
   */
  static async open(storage: ExperimentStorage, folder: string): Promise<StoredRun | undefined> {
    const manifest = (await readJson(storage, `${folder}/manifest.json`)) as Manifest | undefined;
    if (!manifest) return undefined;
    const file = `${folder}/metrics.jsonl`;
    const text = new TextDecoder().decode(await storage.read(file));
    return new StoredRun(storage, folder, manifest, parseMetrics(text, file));
  }

  get state(): RunState {
    return this.#manifest.state;
  }

  addMetrics(row: MetricsRow): void {
    this.#metrics.push(row);
  }

  async writeCheckpoint(checkpoint: Checkpoint): Promise<void> {
    await this.#storage.write(`${this.#folder}/metrics.jsonl`, metricsText(this.#metrics));
    await this.#storage.write(this.#file(checkpoint.update), encodeCheckpoint(checkpoint));
  }

  async setState(state: RunState): Promise<void> {
    this.#manifest = { ...this.#manifest, state, changed: new Date().toISOString() };
    await writeJson(this.#storage, `${this.#folder}/manifest.json`, this.#manifest);
  }

  /** The latest checkpoint, with later metrics forgotten; undefined where there is none. */
  async resume(): Promise<Checkpoint | undefined> {
    const names = await this.#storage.list(`${this.#folder}/checkpoints`);
    const latest = checkpointUpdates(names).at(-1);
    if (latest === undefined) return undefined;
    const file = this.#file(latest);
    const checkpoint = decodeCheckpoint(await this.#read(file), file);
    this.#metrics = this.#metrics.filter(({ update }) => update <= checkpoint.update);
    return checkpoint;
  }

  /**
   * The network at an update that has a checkpoint.
   *
   * @throws not-found, bad-file
   */
  async network(update: number): Promise<StoredNetwork> {
    const file = this.#file(update);
    return decodeNetwork(await this.#read(file), file);
  }

  async #read(file: string): Promise<Uint8Array> {
    const bytes = await this.#storage.read(file);
    if (bytes) return bytes;
    throw new LangevinError(
      "not-found",
      `The experiment has lost its file ${file}.`,
      `Remove ${this.#folder} to repeat the training.`,
    );
  }

  #file(update: number): string {
    return `${this.#folder}/checkpoints/${checkpointName(update)}`;
  }
}
