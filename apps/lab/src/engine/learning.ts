// The training of this tab: it goes on slice by slice, is kept in the browser as it goes, and can be gone back in.
import { isLangevinError, LangevinError, streams, writeTrainingState } from "@neural-langevin/core";
import { stepsPerUpdate } from "@neural-langevin/core/backend";
import { type StoredNetwork, sessionOf, type TrainingSettings } from "@neural-langevin/runs";
import { AveragedChains } from "./averaged-chains.js";
import { RunningRates, readFrame } from "./frames.js";
import {
  forget,
  forgetCheckpoints,
  type Hold,
  hold,
  keepProgress,
  keepTask,
  keptIds,
  recall,
  recallBytes,
  recallCheckpoint,
} from "./kept-trainings.js";
import { BATCH, type Occupant, type Workplace } from "./occupant.js";
import type {
  ForeignTraining,
  Frame,
  TrainingContent,
  TrainingStatus,
  TrainingTask,
} from "./protocol.js";
import { isCheckpoint, Training } from "./training.js";

/** Milliseconds between states of a training that survive a reload. */
const KEEP_EVERY = 5000;
/** Milliseconds in which a page that is reloaded gives its training free. */
const RELOAD = 3000;

export class Learning implements Occupant {
  readonly #place: Workplace;
  readonly #training: Training;
  readonly #hold: Hold;
  readonly #running = new RunningRates();
  /** Units of time that chains moved since the last frame. */
  #elapsed = 0;
  #setup = 0;
  /** Chains of the averaged parameters, where they are watched. */
  #averaged: AveragedChains | undefined;
  #keptAt = 0;
  /** Whether the page knows that the browser does not keep the training. */
  #unkept = false;

  private constructor(place: Workplace, training: Training, hold: Hold) {
    this.#place = place;
    this.#training = training;
    this.#hold = hold;
  }

  /** Begins a training; it is kept from `keep` on. */
  static async begin(
    place: Workplace,
    task: TrainingTask,
    settings: TrainingSettings,
  ): Promise<Learning> {
    const training = await Training.begin(task, settings);
    return new Learning(place, training, await holdNew(task));
  }

  /** Takes a training that began elsewhere; it is kept from `keep` on. */
  static async take(place: Workplace, foreign: ForeignTraining): Promise<Learning> {
    const training = await Training.take(foreign);
    return new Learning(place, training, await holdNew(foreign.task));
  }

  /** The training of this id, or the latest that no other tab has. */
  static async recall(place: Workplace, id: string | undefined): Promise<Learning | undefined> {
    for (const candidate of new Set([...(id === undefined ? [] : [id]), ...(await keptIds())])) {
      const held = await hold(candidate, candidate === id ? RELOAD : 0);
      if (!held) continue;
      const training = await recall(candidate);
      if (training) return new Learning(place, training, held);
      held.release();
    }
    return undefined;
  }

  get machine(): StoredNetwork {
    return this.#training.machine;
  }

  get seed(): number {
    return this.#training.settings.seed;
  }

  get position(): string {
    return `update ${this.#training.state.update}`;
  }

  get status(): TrainingStatus {
    const { task, settings, state, rows, checkpoints, data } = this.#training;
    return {
      task,
      settings,
      update: state.update,
      rows,
      checkpoints: checkpoints.map(({ update, images }) => ({ update, images })),
      machine: this.machine,
      real: data.heldOut.count > 0 ? data.heldOut : data.training,
    };
  }

  /** The number that frames carry from now on. */
  set setup(setup: number) {
    this.#setup = setup;
  }

  /** Whether frames show chains of the averaged parameters. */
  get watching(): boolean {
    return this.#averaged !== undefined;
  }

  async watch(watching: boolean): Promise<void> {
    await this.#averaged?.close();
    this.#averaged = watching ? new AveragedChains() : undefined;
  }

  /** Keeps the training from now on, in place of another one of this tab. */
  async keep(before: Learning | undefined): Promise<void> {
    await this.#write(async () => {
      if (before) await forget(before.#training.task.id);
      await keepTask(this.#training);
    });
    if (before) before.#hold.release();
  }

  async open(): Promise<void> {
    const { settings, data, state } = this.#training;
    const spec = sessionOf(settings, data);
    const session = await this.#place.connection.open(
      { ...spec, batch: Math.max(BATCH, spec.batch ?? 0) },
      {},
    );
    this.#running.clear();
    writeTrainingState(session, state);
    if (state.update > 0) return;
    const { chainStart } = this.#training.plan;
    session.drawChains({ ...chainStart, stream: streams.initialState, step: 0 });
  }

  /** Changes the settings from the next update on. */
  tune(settings: TrainingSettings): void {
    this.#training.settings = settings;
  }

  /** Goes back to a checkpoint; what came after it is forgotten. */
  async rewind(update: number): Promise<void> {
    const { id } = this.#training.task;
    const state = await recallCheckpoint(id, update);
    if (!state) {
      throw new LangevinError("not-found", `The checkpoint of update ${update} is not kept.`);
    }
    const forgotten = this.#training.rewind(state);
    await this.#write(async () => {
      await keepProgress(this.#training, false);
      await forgetCheckpoints(id, forgotten);
    });
  }

  /** What is to be saved as a run. */
  async content(): Promise<TrainingContent> {
    const { task, settings, rows, finished, provenance, checkpoints, state, data } = this.#training;
    const files = new Map<number, Uint8Array>();
    for (const { update } of checkpoints) {
      const bytes = await recallBytes(task.id, update);
      if (bytes) files.set(update, bytes);
    }
    files.set(state.update, this.#training.encode());
    const { sha256, split } = data;
    return { task, settings, rows, finished, split, sha256, provenance, checkpoints: files };
  }

  async move(signal: AbortSignal): Promise<void> {
    const { connection, frames, emit } = this.#place;
    const training = this.#training;
    let last = performance.now();
    try {
      while (!signal.aborted && !training.finished) {
        const before = training.state.update;
        const steps = stepsPerUpdate(training.plan.negativePhase);
        await connection.turn(() => training.slice(connection.session));
        connection.noteProgress();
        training.sign(connection.opened);
        const { update } = training.state;
        const reached = isCheckpoint(update) || training.finished;
        if (reached) training.addCheckpoint();
        if (reached || performance.now() - this.#keptAt > KEEP_EVERY) {
          this.#keptAt = performance.now();
          await this.#write(() => keepProgress(training, reached));
        }
        const { update: at, images } = training.checkpoints.at(-1)!;
        const checkpoint = reached ? { update: at, images } : undefined;
        emit({ kind: "training", row: training.rows.at(-1)!, reached: checkpoint });
        this.#elapsed += steps * (update - before) * training.settings["step-size"];
        const now = performance.now();
        const stepsPerSecond = (1000 * steps * (update - before)) / (now - last);
        last = now;
        if (!frames.ready) continue;
        const frame = await connection.turn(() => this.#frame());
        frames.send({ ...frame, stepsPerSecond });
      }
    } finally {
      emit({ kind: "learned", machine: this.machine, finished: training.finished });
      await this.#write(() => keepProgress(training, false));
    }
  }

  async show(): Promise<void> {
    this.#place.frames.send(await this.#frame());
  }

  async #frame(): Promise<Frame> {
    const { settings, state } = this.#training;
    const { temperature, "step-size": dt, integrator } = settings;
    const dynamics = { temperature, dt, integrator, feedback: true };
    const place = { setup: this.#setup, step: state.update, dynamics };
    // Chains that begin anew at every update have no past to average over.
    if (!settings["negative-phase"].startsWith("pcd")) this.#running.clear();
    const time = this.#elapsed;
    this.#elapsed = 0;
    const { session } = this.#place.connection;
    const frame = await readFrame(session, this.machine, place, this.#running, time);
    return { ...frame, averages: await this.#averages(frame.states, dynamics) };
  }

  /** Images of chains of the averaged parameters, where these are watched and there. */
  async #averages(
    states: Float32Array,
    dynamics: Frame["dynamics"],
  ): Promise<Uint8Array | undefined> {
    if (!this.#averaged || !this.#training.state.averages) return undefined;
    const { backend } = this.#place.connection.opened;
    try {
      return await this.#averaged.move(backend, this.machine, states, dynamics, this.seed);
    } catch (error) {
      // The training says itself that it diverged.
      if (!isLangevinError(error, "diverged")) throw error;
      await this.watch(true);
      return undefined;
    }
  }

  /** Writes to the browser's storage. The page hears once of a write that fails, and the training goes on. */
  async #write(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#unkept = false;
    } catch (error) {
      if (this.#unkept) return;
      this.#unkept = true;
      const message = `${reasonOf(error)} A reload loses what is learned from now on; save the training as a run.`;
      this.#place.emit({ kind: "failure", message, stopped: false });
    }
  }
}

async function holdNew({ id }: TrainingTask): Promise<Hold> {
  const held = await hold(id, RELOAD);
  if (held) return held;
  throw new LangevinError("exists", "Another tab has this training.", "Close that tab.");
}

/** Why the browser does not keep a training, as a sentence; its own messages may be empty. */
function reasonOf(error: unknown): string {
  const { name, message } = error as Error;
  if (name === "QuotaExceededError") return "The browser's storage for this page is full.";
  return `The browser does not keep the training (${message || name}).`;
}
