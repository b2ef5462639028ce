// A training in the lab: what is learned, how far it is, and what it was at its checkpoints. It advances in short slices,
// so that its plan may change between two of them.
import {
  type Backend,
  type CompleteTrainingPlan,
  fittedBias,
  randomNetwork,
  readTrainingState,
  type Session,
  type TrainingReport,
  type TrainingState,
  train,
} from "@neural-langevin/core";

/** What a training begins with. */
export interface Lesson {
  /** Data states x, shape [P][N]. */
  readonly states: Float32Array;
  readonly units: number;
  /** Model chains, and data states per update. */
  readonly chains: number;
  readonly seed: number;
  /** g of J_ij ~ N(0, g²/N). */
  readonly gain: number;
  /** What the page keeps with it, such as the images and their name. */
  readonly about: unknown;
}

/** What is measured at one update; see TrainingReport. */
export type Row = Pick<
  TrainingReport,
  "update" | "learningRate" | "dataEnergy" | "chainEnergy" | "couplingsGradient"
>;

/** When a training was made, and what computed its last update. */
export interface Making {
  /** ISO 8601. */
  readonly started: string;
  readonly changed: string;
  /** The backend's `id`. */
  readonly backend: string;
  readonly device: string;
  readonly threads: number;
}

/** Seconds that a slice aims at. */
const SLICE_SECONDS = 0.25;

/** Whether a checkpoint is kept of an update: 0, 10, 20, 50, 100, 200, 500, 1000, then every 500th. */
export const isCheckpoint = (update: number): boolean =>
  [0, 10, 20, 50, 100, 200].includes(update) || (update > 0 && update % 500 === 0);

export class Training {
  readonly lesson: Lesson;
  plan: CompleteTrainingPlan;
  /** The state where the training stood when it was last read. */
  state: TrainingState;
  rows: Row[];
  /** Updates of the checkpoints that are kept, ascending. */
  checkpoints: number[];
  making: Making | undefined;
  #updatesPerSlice = 1;

  constructor(
    lesson: Lesson,
    plan: CompleteTrainingPlan,
    at: { state: TrainingState; rows: Row[]; checkpoints: number[]; making?: Making | undefined },
  ) {
    this.lesson = lesson;
    this.plan = plan;
    this.state = at.state;
    this.rows = at.rows;
    this.checkpoints = at.checkpoints;
    this.making = at.making;
  }

  /** A training before its first update, with a bias fitted to its data; its chains start in `train`. */
  static begin(lesson: Lesson, plan: CompleteTrainingPlan): Training {
    const { states, units, chains, seed, gain } = lesson;
    const network = randomNetwork({ units, gain, seed });
    const { couplings } = network;
    const bias = fittedBias(network, states);
    const state: TrainingState = {
      update: 0,
      couplings,
      bias,
      chains: new Float32Array(chains * units),
      moments: new Float32Array(2 * (units * units + units)),
    };
    return new Training(lesson, plan, { state, rows: [], checkpoints: [] });
  }

  get finished(): boolean {
    return this.state.update >= this.plan.updates;
  }

  /**
   * Some updates, up to the next checkpoint at most.
   *
   * @throws diverged, and what the session throws
   */
  async slice(session: Session): Promise<void> {
    const before = this.state.update;
    const reports = train(session, this.lesson.states, this.plan, {
      from: before,
      // The smallest multiple of this number beyond `before` is the number itself.
      reportEvery: this.#sliceEnd(before),
      now: () => performance.now(),
    });
    for await (const report of reports) {
      const { update, learningRate, dataEnergy, chainEnergy, couplingsGradient, seconds } = report;
      this.state = await readTrainingState(session, update);
      this.rows.push({ update, learningRate, dataEnergy, chainEnergy, couplingsGradient });
      const fitting = (SLICE_SECONDS * (update - before)) / seconds;
      this.#updatesPerSlice = Math.min(Math.max(Math.round(fitting), 1), 50);
      return;
    }
  }

  /** Notes what computes it, now. */
  sign({ id, device }: Backend): void {
    const changed = new Date().toISOString();
    this.making = {
      started: this.making?.started ?? changed,
      changed,
      backend: id,
      device: [device.label, ...device.details].join(", "),
      threads: device.threads,
    };
  }

  /** Goes back to a state of before. */
  rewind(state: TrainingState): void {
    this.state = state;
    this.rows = this.rows.filter(({ update }) => update <= state.update);
    this.checkpoints = this.checkpoints.filter((update) => update <= state.update);
  }

  #sliceEnd(before: number): number {
    let end = before + 1;
    while (!isCheckpoint(end) && end < before + this.#updatesPerSlice) end++;
    return end;
  }
}
