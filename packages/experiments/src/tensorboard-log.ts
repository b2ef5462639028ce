// A training as TensorBoard shows it: measures, the chains as images, and histograms of the parameters.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "@neural-langevin/core";
import { type DataSet, decodeStates, isImageSet, pixelStates } from "@neural-langevin/datasets";
import { imageGrid } from "@neural-langevin/figures";
import {
  type Checkpoint,
  type EarlyStop,
  type EventValue,
  encodeEvent,
  encodeEventsStart,
  type MetricsRow,
  type RunSink,
  type RunState,
  type TrainingData,
} from "@neural-langevin/runs";
import type { OpenedTraining, RunFolder } from "@neural-langevin/runs/node";

/** The folder of event files in a run. */
const FOLDER = "tensorboard";

/** Whether a run has event files, which a training that goes on with it goes on with. */
export const hasTensorBoardLog = (run: RunFolder): boolean => existsSync(join(run.path, FOLDER));

/** How often chains and parameters are shown along a training. */
const PICTURES = 100;
/** Chains that are shown, in rows of eight. */
const SHOWN = 64;
const COLUMNS = 8;

/** A run, and beside it an event file of its training: what a checkpoint follows from is in both before it is written. */
export class TensorBoardLog implements RunSink {
  readonly #run: RunFolder;
  readonly #session: Session;
  readonly #data: TrainingData<DataSet>;
  readonly #updates: number;
  readonly #name = `${FOLDER}/events.out.tfevents.${now().toFixed(3)}.nlm`;
  #last: number;

  private constructor({ run, data, settings, from }: OpenedTraining, session: Session) {
    this.#run = run;
    this.#session = session;
    this.#data = data;
    this.#updates = settings.updates;
    this.#last = from?.update ?? 0;
  }

  /**
   * Begins an event file for the updates that a training in this session will make.
   *
   * @throws invalid-value, not-found, exists, unavailable, for what the system refuses
   */
  static async begin(training: OpenedTraining, session: Session): Promise<TensorBoardLog> {
    const log = new TensorBoardLog(training, session);
    // A new training is evaluated at update 0.
    const first = log.#last === 0 ? 0 : log.#last + 1;
    await log.#run.appendFile(log.#name, encodeEventsStart(now(), first));
    return log;
  }

  get evaluations(): readonly MetricsRow[] {
    return this.#run.evaluations;
  }

  /**
   * Adds measures, and a hundred times along the training the chains and the parameters.
   *
   * @throws what `RunFolder.addMetrics` throws (invalid-value, not-found, exists, unavailable), and what reading the session
   *   throws
   */
  async addMetrics(row: MetricsRow, seconds: number): Promise<void> {
    await this.#run.addMetrics(row, seconds);
    const values = scalarsOf(row, tagIn("training"));
    const pictures = (update: number) => Math.floor((update * PICTURES) / this.#updates);
    if (pictures(row.update) > pictures(this.#last)) {
      values.push(...(await this.#parameters()), ...(await this.#chains()));
    }
    this.#last = row.update;
    await this.#write(row.update, values);
  }

  /**
   * Adds measures on held-out images.
   *
   * @throws what `RunFolder.addEvaluation` throws: invalid-value, not-found, exists, unavailable
   */
  async addEvaluation(row: MetricsRow): Promise<void> {
    await this.#run.addEvaluation(row);
    await this.#write(row.update, scalarsOf(row, tagIn("held-out")));
  }

  /**
   * Keeps a state as the run does.
   *
   * @throws what `RunFolder.writeCheckpoint` throws: invalid-value, wrong-length, not-found, exists, unavailable
   */
  writeCheckpoint(checkpoint: Checkpoint): Promise<string> {
    return this.#run.writeCheckpoint(checkpoint);
  }

  /**
   * Removes checkpoints as the run does.
   *
   * @throws what `RunFolder.keepCheckpoints` throws: invalid-value, not-found, exists, unavailable
   */
  keepCheckpoints(choose: (updates: readonly number[]) => readonly number[]): Promise<void> {
    return this.#run.keepCheckpoints(choose);
  }

  /**
   * Notes the state of the run.
   *
   * @throws what `RunFolder.setState` throws: invalid-value, not-found, bad-file, exists, unavailable
   */
  setState(state: RunState, stop?: EarlyStop): Promise<void> {
    return this.#run.setState(state, stop);
  }

  async #parameters(): Promise<EventValue[]> {
    const [couplings, bias] = await Promise.all([
      this.#session.read("couplings"),
      this.#session.read("bias"),
    ]);
    const { units } = this.#session.spec;
    const others = couplings.filter((_, at) => at % (units + 1) !== 0);
    return [
      ...(others.length > 0 ? [{ tag: "couplings", samples: others }] : []),
      { tag: "bias", samples: bias },
    ];
  }

  async #chains(): Promise<EventValue[]> {
    const { training, encoding, labelUnits, pixels } = this.#data;
    if (!isImageSet(training)) return [];
    const states = pixelStates(await this.#session.read("chains"), labelUnits).subarray(
      0,
      SHOWN * pixels,
    );
    const { width, height } = training;
    const grey = decodeStates(states, encoding);
    return [{ tag: "chains", ...imageGrid({ pixels: grey, width, height, columns: COLUMNS }) }];
  }

  #write(step: number, values: readonly EventValue[]): Promise<void> {
    return this.#run.appendFile(this.#name, encodeEvent({ time: now(), step, values }));
  }
}

/** Unix time in seconds. */
const now = (): number => Date.now() / 1000;

/** The tag of a column, whose standard error is in a group of its own. */
const tagIn = (group: string) => (name: string) =>
  name.endsWith("_error")
    ? `${group} errors/${name.slice(0, -"_error".length)}`
    : `${group}/${name}`;

/** The numbers of a row that have a value. */
const scalarsOf = (
  { update: _, ...measures }: MetricsRow,
  tagOf: (name: string) => string,
): EventValue[] =>
  Object.entries(measures).flatMap(([name, scalar]) =>
    scalar === null ? [] : [{ tag: tagOf(name), scalar }],
  );
