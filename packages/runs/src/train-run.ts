// The training of a run: measures and checkpoints go to a sink, which may be a folder, a browser's database or memory.
import {
  type Backend,
  isLangevinError,
  isTrainingDivergence,
  LangevinError,
  type Network,
  openCompanions,
  readTrainingState,
  type Session,
  type TrainingReport,
  type TrainingState,
  train,
  type WorkOptions,
  writeNetwork,
  writeTrainingState,
} from "@neural-langevin/core";
import { type DataSet, recordOf, shapeOf } from "@neural-langevin/datasets";
import type { EarlyStop } from "./early-stop.js";
import { Evaluations, type HeldOutEvaluation } from "./evaluations.js";
import { type Checkpoint, networkOfCheckpoint } from "./machine-file.js";
import { chainStartOf, initialNetwork, planOf } from "./plan.js";
import type { RunState } from "./provenance.js";
import type { MetricsRow } from "./run-layout.js";
import type { TrainingSettings } from "./settings.js";
import type { TrainingData } from "./training-data.js";

/** Where a training is kept. */
export interface RunSink {
  /** Keeps measures of an update, made after so many seconds of training since `trainRun` began. */
  addMetrics(row: MetricsRow, seconds: number): void | Promise<void>;
  /** Keeps measures on held-out images. */
  addEvaluation?(row: MetricsRow): void | Promise<void>;
  /** The evaluations so far, in order. */
  readonly evaluations?: readonly MetricsRow[];
  /** Keeps a state that the training can go on from, with all measures so far. */
  writeCheckpoint(checkpoint: Checkpoint): unknown;
  /** Removes checkpoints but for those that are chosen of their updates, ascending. */
  keepCheckpoints?(choose: (updates: readonly number[]) => readonly number[]): void | Promise<void>;
  /** Notes where the run stands, and why where it is finished before its last update. */
  setState(state: RunState, stop?: EarlyStop): void | Promise<void>;
}

/** A training and where it is kept. */
export interface RunTraining extends WorkOptions {
  /** A session as `sessionOf` describes it. */
  readonly session: Session;
  /** All of the training. */
  readonly settings: TrainingSettings;
  /** What `prepareData` made of the data by these settings. */
  readonly data: Pick<TrainingData, "units" | "states"> &
    Partial<Pick<TrainingData<DataSet>, "labelUnits" | "encoding" | "training" | "known">>;
  /** Where measures and checkpoints are kept. */
  readonly sink: RunSink;
  /** A saved state to go on from, or a machine to begin with; without one the training begins with `initialNetwork`. */
  readonly from?: TrainingState | undefined;
  /** What computes; tempering and missing values need sessions of their own. */
  readonly backend?: Backend | undefined;
  /** What measures the machine with `evaluate-every`, in a session of its own. */
  readonly evaluate?: HeldOutEvaluation | undefined;
  /** Updates with a checkpoint besides those of `checkpoint-every`; 0 is the start. */
  readonly checkpointAt?: readonly number[] | undefined;
  /** A report every so many updates; see `TrainingOptions` of core. */
  readonly reportEvery?: number | undefined;
}

/**
 * Trains to the last update of the settings, and yields every report after its metrics, and its evaluation and checkpoint
 * where they are due, have been kept. At the end the session holds the trained machine. From a state at or beyond the last
 * update it yields and keeps nothing.
 *
 * With `evaluate-every` the machine is evaluated at the start, every so many updates and at the end; one whose chains
 * diverge has no measures. Evaluating leaves the training's bits as they are. With `patience` the best machine so far is
 * kept as a checkpoint, and the training ends as `earlyStop` says.
 *
 * A training that is stopped keeps a checkpoint of its last update or its start (`interrupted`); one that diverges its last good
 * state (`diverged`). Leaving the iteration early keeps nothing further.
 *
 * @throws aborted, diverged, wrong-length, not-finite; what the session, the evaluation and the sink throw;
 *   invalid-value, for evaluations that nothing makes or keeps, and for tempering and missing values without a backend
 */
export async function* trainRun(run: RunTraining): AsyncGenerator<TrainingReport, void, void> {
  const { session, settings, data, sink, from, signal, onProgress } = run;
  const { updates } = settings;
  const chainStart = chainStartOf(settings, data);
  const plan = { ...planOf(settings), batch: session.spec.batch, chainStart };
  const { dt, temperature } = plan;
  const evaluations = new Evaluations(settings, { evaluate: run.evaluate, sink });
  if (!from && settings.from !== undefined) {
    throw new LangevinError(
      "invalid-value",
      `The training begins with the machine ${settings.from}, but its state was not given.`,
      "Open it with beginTraining, as nlm train does.",
    );
  }
  const needs = { negativePhase: plan.negativePhase, missing: data.known !== undefined };
  await using companions = run.backend && (await openCompanions(run.backend, session.spec, needs));
  if (!run.backend && (needs.missing || settings["negative-phase"].startsWith("tempering"))) {
    throw new LangevinError(
      "invalid-value",
      "Tempering and missing numbers need sessions of their own, but no backend was given that opens them.",
      "Give the training its backend.",
    );
  }
  if (from) writeTrainingState(session, from, companions);
  else writeNetwork(session, await beginning(run));
  const stateAt = (update: number) => readTrainingState(session, update, companions);
  let done = from?.update ?? 0;
  if (done >= updates) return;

  const { checkpointAt = [] } = run;
  const checkpoints = checkpointUpdates(settings, done, checkpointAt);
  const checkpointOf = (training: TrainingState): Checkpoint => {
    const { seed, batch, activation } = session.spec;
    const sampling = { dt, temperature, chainStart };
    const { labelUnits } = data;
    const encoding = data.encoding && recordOf(data.encoding);
    const shape = data.training && shapeOf(data.training);
    return { ...training, seed, batch, activation, sampling, labelUnits, encoding, shape };
  };
  const keep = async (state: RunState, training: TrainingState, stop?: EarlyStop) => {
    await sink.writeCheckpoint(checkpointOf(training));
    // Only now, when the new one is safe.
    const best = evaluations.best?.update;
    const asked = best === undefined ? checkpointAt : [...checkpointAt, best];
    await sink.keepCheckpoints?.((all) => keptCheckpoints(settings, all, asked));
    await sink.setState(state, stop);
  };
  const evaluate = async (training: TrainingState) => {
    const network = networkOfCheckpoint(checkpointOf(training));
    await evaluations.add(training.update, { network, settings }, { signal });
  };
  await sink.setState("running");
  if (!from && checkpointAt.includes(0)) await keep("running", await stateAt(0));
  try {
    // At the start, and where the training was stopped in the middle of one.
    if (evaluations.isDue(done)) {
      const training = await stateAt(done);
      await evaluate(training);
      if (evaluations.best?.update === done) await keep("running", training);
    }
    if (evaluations.stop) {
      await sink.setState("finished", evaluations.stop);
      return;
    }
    // An update of a large machine takes long, and whoever stopped it while data were read waits.
    if (signal?.aborted) {
      throw new LangevinError("aborted", `Training was stopped before update ${done + 1}.`);
    }
    const reports = train(session, data.states, plan, {
      from: done,
      reportEvery: run.reportEvery,
      reportAt: [...checkpoints, ...evaluations.after(done)],
      signal,
      now: () => performance.now(),
      known: data.known,
      companions,
    });
    for await (const report of reports) {
      done = report.update;
      await sink.addMetrics(metricsOf(report), report.seconds);
      const isEvaluated = evaluations.isDue(done);
      if (isEvaluated || checkpoints.has(done)) {
        const training = await stateAt(done);
        if (isEvaluated) await evaluate(training);
        const { stop, best } = evaluations;
        if (checkpoints.has(done) || best?.update === done || stop) {
          await keep(done === updates || stop ? "finished" : "running", training, stop);
        }
      }
      const { dataEnergy, chainEnergy } = report;
      const values = { dataEnergy, chainEnergy };
      onProgress?.({ task: "training", done, total: updates, unit: "updates", values });
      yield report;
      if (evaluations.stop) return;
    }
  } catch (error) {
    if (isTrainingDivergence(error)) await keep("diverged", error.state);
    else if (isLangevinError(error, "aborted")) {
      await keep("interrupted", await stateAt(done));
    }
    throw error;
  }
}

/** The network before the first update; a training that is stopped before it has one keeps no checkpoint. */
async function beginning({ settings, data, sink, signal }: RunTraining): Promise<Network> {
  try {
    return await initialNetwork(settings, data, { signal });
  } catch (error) {
    if (isLangevinError(error, "aborted")) await sink.setState("interrupted");
    throw error;
  }
}

/** Every `checkpoint-every`-th update, those asked for, and the last one. */
function checkpointUpdates(
  settings: Pick<TrainingSettings, "updates" | "checkpoint-every">,
  done: number,
  asked: readonly number[],
): ReadonlySet<number> {
  const { updates, "checkpoint-every": every } = settings;
  const result = new Set([...asked, updates]);
  for (let update = every; update < updates; update += every) result.add(update);
  return new Set([...result].filter((update) => update > done && update <= updates));
}

/**
 * The checkpoints that stay, of their updates, ascending: the beginning, the last one, those that were asked for by their
 * update, and those that `keep` says: with `log` the 1st, 2nd, 4th, 8th, … of those that `checkpoint-every` makes.
 */
export function keptCheckpoints(
  { keep, "checkpoint-every": every }: Pick<TrainingSettings, "keep" | "checkpoint-every">,
  updates: readonly number[],
  asked: readonly number[] = [],
): readonly number[] {
  if (keep === "all") return updates;
  const regular = updates.filter((update) => !asked.includes(update));
  const last = keep === "log" ? 1 : Number(keep.slice("last-".length));
  const recent = regular.slice(-last);
  const isSpaced = (update: number) =>
    keep === "log" && Number.isInteger(Math.log2(update / every));
  return updates.filter(
    (update) =>
      update === 0 || asked.includes(update) || recent.includes(update) || isSpaced(update),
  );
}

/**
 * The measures of a report that do not depend on the clock, with standard errors as `NAME_error`; JSON has no NaN, so it
 * becomes null.
 */
export function metricsOf({ seconds: _, flop: __, ...measures }: TrainingReport): MetricsRow {
  const { update, ...rest } = measures;
  const finite = Object.entries(rest).map(([name, value]) => [
    name.replace(/Error$/, "_error"),
    Number.isFinite(value) ? value : null,
  ]);
  return { update, ...Object.fromEntries(finite) };
}
