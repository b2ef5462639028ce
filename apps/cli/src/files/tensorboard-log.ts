// A training as TensorBoard shows it: measures, the chains as images, and histograms of the parameters.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "@neural-langevin/core";
import { type DataSet, decodeStates, isImageSet, pixelStates } from "@neural-langevin/datasets";
import { imageGrid } from "@neural-langevin/figures";
import {
  type EventValue,
  encodeEvent,
  encodeEventsStart,
  type MetricsRow,
  type TrainingData,
} from "@neural-langevin/runs";
import type { RunFolder } from "@neural-langevin/runs/node";

/** The folder of event files in a run. */
const FOLDER = "tensorboard";

/** Whether a run has event files, which a training that goes on with it goes on with. */
export const hasTensorBoardLog = (run: RunFolder): boolean => existsSync(join(run.path, FOLDER));

/** How often chains and parameters are shown along a training. */
const PICTURES = 100;
/** Chains that are shown, in rows of eight. */
const SHOWN = 64;
const COLUMNS = 8;

/** Writes a training into an event file of the run. */
export class TensorBoardLog {
  readonly #run: RunFolder;
  readonly #data: TrainingData<DataSet>;
  readonly #updates: number;
  readonly #name: string;
  #evaluations: number;
  #last: number;

  private constructor(run: RunFolder, data: TrainingData<DataSet>, updates: number, from: number) {
    this.#run = run;
    this.#data = data;
    this.#updates = updates;
    this.#name = `${FOLDER}/events.out.tfevents.${(Date.now() / 1000).toFixed(3)}.nlm`;
    this.#evaluations = run.evaluations.length;
    this.#last = from;
  }

  /** Begins an event file for the updates after `from`. */
  static async begin(
    run: RunFolder,
    data: TrainingData<DataSet>,
    updates: number,
    from: number,
  ): Promise<TensorBoardLog> {
    const log = new TensorBoardLog(run, data, updates, from);
    // A new training is evaluated at update 0.
    const first = from === 0 ? 0 : from + 1;
    await run.appendFile(log.#name, encodeEventsStart(Date.now() / 1000, first));
    return log;
  }

  /** Adds what the run has measured since, and chains and parameters a hundred times along the training. */
  async add(update: number, session: Session): Promise<void> {
    const { metrics, evaluations } = this.#run;
    for (; this.#evaluations < evaluations.length; this.#evaluations++) {
      const row = evaluations[this.#evaluations]!;
      await this.#write(row.update, scalarsOf(row, heldOutTag));
    }
    const values = scalarsOf(metrics.at(-1)!, (name) => `training/${name}`);
    const pictures = (done: number) => Math.floor((done * PICTURES) / this.#updates);
    if (pictures(update) > pictures(this.#last)) {
      values.push(...(await this.#parameters(session)), ...(await this.#chains(session)));
    }
    this.#last = update;
    await this.#write(update, values);
  }

  async #parameters(session: Session): Promise<EventValue[]> {
    const [couplings, bias] = await Promise.all([session.read("couplings"), session.read("bias")]);
    const { units } = session.spec;
    const others = couplings.filter((_, at) => at % (units + 1) !== 0);
    return [
      ...(others.length > 0 ? [{ tag: "couplings", samples: others }] : []),
      { tag: "bias", samples: bias },
    ];
  }

  async #chains(session: Session): Promise<EventValue[]> {
    const { training, encoding, labelUnits, pixels } = this.#data;
    if (!isImageSet(training)) return [];
    const states = pixelStates(await session.read("chains"), labelUnits).subarray(
      0,
      SHOWN * pixels,
    );
    const { width, height } = training;
    const grey = decodeStates(states, encoding);
    return [{ tag: "chains", ...imageGrid({ pixels: grey, width, height, columns: COLUMNS }) }];
  }

  #write(step: number, values: readonly EventValue[]): Promise<void> {
    return this.#run.appendFile(this.#name, encodeEvent({ time: Date.now() / 1000, step, values }));
  }
}

const heldOutTag = (name: string): string =>
  name.endsWith("_error")
    ? `held-out errors/${name.slice(0, -"_error".length)}`
    : `held-out/${name}`;

/** The numbers of a row that have a value. */
const scalarsOf = (
  { update: _, ...measures }: MetricsRow,
  tagOf: (name: string) => string,
): EventValue[] =>
  Object.entries(measures).flatMap(([name, scalar]) =>
    scalar === null ? [] : [{ tag: tagOf(name), scalar }],
  );
