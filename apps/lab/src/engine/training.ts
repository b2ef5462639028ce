// A training in the lab: what is learned, how far it is, and what it was at its checkpoints. It advances in short slices,
// so that its settings may change between two of them.
import { readTrainingState, type Session, type TrainingState, train } from "@neural-langevin/core";
import { momentsLength } from "@neural-langevin/core/backend";
import { recordOf, shapeOf } from "@neural-langevin/datasets";
import {
  type Checkpoint,
  type ComputedBy,
  chainStartOf,
  computedBy,
  decodeCheckpoint,
  encodeCheckpoint,
  initialNetwork,
  type MetricsRow,
  metricsOf,
  planOf,
  prepareData,
  type StoredNetwork,
  sessionOf,
  type TrainingData,
  type TrainingSettings,
} from "@neural-langevin/runs";
import type { OpenedBackend } from "./backends.js";
import { greyOfStates } from "./frames.js";
import type { ForeignTraining, Provenance, ShownCheckpoint, TrainingTask } from "./protocol.js";

/** Seconds that a slice aims at. */
const SLICE_SECONDS = 0.25;

/** Whether a checkpoint is kept of an update: 0, 10, 20, 50, 100, 200, 500, 1000, then every 500th. */
export const isCheckpoint = (update: number): boolean =>
  [0, 10, 20, 50, 100, 200].includes(update) || (update > 0 && update % 500 === 0);

/** Chains whose images are kept of a checkpoint. */
const SHOWN = 48;

/** An update to which a training can be rewound, the settings that led to it, and what the chains were then. */
export interface KeptCheckpoint extends ShownCheckpoint {
  readonly settings: TrainingSettings;
}

/** What of a training changes. */
export interface TrainingProgress {
  readonly settings: TrainingSettings;
  /** The state where the training stood when it was last read. */
  readonly state: TrainingState;
  readonly rows: readonly MetricsRow[];
  /** Ascending. */
  readonly checkpoints: readonly KeptCheckpoint[];
  /** Undefined before the first update here. */
  readonly provenance: Provenance | undefined;
}

export class Training implements TrainingProgress {
  readonly task: TrainingTask;
  readonly data: TrainingData;
  settings: TrainingSettings;
  state: TrainingState;
  rows: readonly MetricsRow[];
  checkpoints: readonly KeptCheckpoint[];
  provenance: Provenance | undefined;
  #updatesPerSlice = 1;

  private constructor(task: TrainingTask, data: TrainingData, progress: TrainingProgress) {
    this.task = task;
    this.data = data;
    this.settings = progress.settings;
    this.state = progress.state;
    this.rows = progress.rows;
    this.checkpoints = progress.checkpoints;
    this.provenance = progress.provenance;
  }

  /** A training before its first update, which is its first checkpoint; its chains are drawn in `train`. */
  static async begin(task: TrainingTask, settings: TrainingSettings): Promise<Training> {
    const data = await prepareData(task.images, settings, { split: task.split });
    const { couplings, bias } = await initialNetwork(settings, data);
    const { units } = data;
    const state: TrainingState = {
      update: 0,
      couplings,
      bias,
      chains: new Float32Array(settings.chains * units),
      moments: new Float32Array(momentsLength(units)),
    };
    return new Training({ ...task, split: data.split }, data, {
      settings,
      state,
      rows: [],
      checkpoints: [{ update: 0, images: new Uint8Array(), settings }],
      provenance: undefined,
    });
  }

  /** A training as it was kept. */
  static async recall(
    task: TrainingTask,
    progress: TrainingProgress & { readonly state: Checkpoint },
  ): Promise<Training> {
    const { settings, state } = progress;
    const { labelUnits } = state;
    const data = await prepareData(task.images, settings, { split: task.split, labelUnits });
    return new Training({ ...task, split: data.split }, data, progress);
  }

  /** A training that began elsewhere, from its checkpoint. */
  static async take({ task, settings, rows, checkpoint }: ForeignTraining): Promise<Training> {
    const state = decodeCheckpoint(checkpoint, `The checkpoint of ${task.name}`);
    const progress = { settings, state, rows, checkpoints: [], provenance: undefined };
    const training = await Training.recall(task, progress);
    training.addCheckpoint();
    return training;
  }

  get finished(): boolean {
    return this.state.update >= this.settings.updates;
  }

  /** The plan of now, with the batch and the start of chains that its data give. */
  get plan() {
    const { settings, data } = this;
    const { batch } = sessionOf(settings, data);
    return { ...planOf(settings), batch: batch!, chainStart: chainStartOf(settings, data) };
  }

  /** How its chains are run, which is how its machine is best sampled. */
  get #sampling() {
    const { dt, temperature, chainStart } = this.plan;
    return { dt, temperature, chainStart };
  }

  /** What its units mean. */
  get #meaning() {
    const { labelUnits, encoding, training } = this.data;
    return { labelUnits, encoding: recordOf(encoding), shape: shapeOf(training) };
  }

  /** What it has learned: the averages of its parameters, where it has taken some. */
  get machine(): StoredNetwork {
    const { state, data } = this;
    const { units } = data;
    const { averages } = state;
    return {
      units,
      couplings: averages ? averages.slice(0, units ** 2) : state.couplings,
      bias: averages ? averages.slice(units ** 2) : state.bias,
      sampling: this.#sampling,
      ...this.#meaning,
    };
  }

  /** The file of its latest state. */
  encode(): Uint8Array {
    const { seed } = this.settings;
    const { batch } = this.plan;
    const sampling = this.#sampling;
    const own = { seed, batch, activation: "tanh" as const, sampling };
    return encodeCheckpoint({ ...this.state, ...own, ...this.#meaning });
  }

  /**
   * Some updates, up to the next checkpoint at most.
   *
   * @throws diverged, and what the session throws
   */
  async slice(session: Session): Promise<void> {
    const before = this.state.update;
    const reports = train(session, this.data.states, this.plan, {
      from: before,
      // The smallest multiple of this number beyond `before` is the number itself.
      reportEvery: this.#sliceEnd(before),
      now: () => performance.now(),
    });
    for await (const report of reports) {
      const { update, seconds } = report;
      this.state = await readTrainingState(session, update);
      this.rows = [...this.rows, metricsOf(report)];
      const fitting = (SLICE_SECONDS * (update - before)) / seconds;
      this.#updatesPerSlice = Math.min(Math.max(Math.round(fitting), 1), 50);
      return;
    }
  }

  /** Notes that the state can be gone back to. */
  addCheckpoint(): void {
    const { update, chains } = this.state;
    const { settings, data } = this;
    const images = greyOfStates(chains.subarray(0, SHOWN * data.units), data);
    this.checkpoints = [...this.checkpoints, { update, images, settings }];
  }

  /** Notes what computes it, now. */
  sign({ backend, id }: OpenedBackend): void {
    const changed = new Date().toISOString();
    const by: ComputedBy = computedBy(backend, id);
    this.provenance = { ...by, started: this.provenance?.started ?? changed, changed };
  }

  /** Goes back to a checkpoint, with the settings that led to it; returns the updates that are forgotten. */
  rewind(state: TrainingState): number[] {
    const { update } = state;
    const forgotten = this.checkpoints.filter((checkpoint) => checkpoint.update > update);
    const kept = this.checkpoints.find((checkpoint) => checkpoint.update === update);
    // How long a training is was chosen for all of it; everything else may be what broke it.
    if (kept) this.settings = { ...kept.settings, updates: this.settings.updates };
    this.state = state;
    this.rows = this.rows.filter((row) => row.update <= update);
    this.checkpoints = this.checkpoints.filter((checkpoint) => checkpoint.update <= update);
    return forgotten.map((checkpoint) => checkpoint.update);
  }

  #sliceEnd(before: number): number {
    let end = before + 1;
    while (!isCheckpoint(end) && end < before + this.#updatesPerSlice) end++;
    return Math.min(end, Math.max(this.settings.updates, before + 1));
  }
}
