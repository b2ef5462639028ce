// Learning rates tried in short trainings from the same start: which of them learn, and at which training diverges.
import {
  type Backend,
  isLangevinError,
  LangevinError,
  type WorkOptions,
} from "@neural-langevin/core";
import type { DataSet } from "@neural-langevin/datasets";
import {
  type Checkpoint,
  networkOfCheckpoint,
  type StopMeasure,
  sessionOf,
  stopMeasures,
  type TrainingData,
  type TrainingSettings,
  trainRun,
} from "@neural-langevin/runs";
import { heldOutEvaluation } from "../held-out-evaluation.js";

/** What became of one rate. */
export interface TriedRate {
  /** The learning rate, the same throughout. */
  readonly rate: number;
  /** The last update before energies grew beyond all bounds; undefined where the training came to its end. */
  readonly diverged: number | undefined;
  /** Held-out measures at the end, by name; empty where it diverged. */
  readonly measures: Readonly<Record<string, number | null>>;
}

/** Rates from 10⁻⁵ to 1, two in every decade. */
export const trialRates: readonly number[] = Array.from({ length: 11 }, (_, at) =>
  Number((1e-5 * 10 ** (at / 2)).toPrecision(2)),
);

/** Updates of a trial unless the settings say otherwise. */
export const TRIAL_UPDATES = 200;

/**
 * Trains once at every rate, ascending and each time from the same start with the same noise, at that rate throughout, and
 * evaluates what came of it on held-out data. The first rate at which training diverges is the last: larger ones would too.
 *
 * @param trial.settings those of the training; `rate` and `schedule` are not used
 * @param trial.rates `trialRates` unless given
 * @throws invalid-value, without two held-out samples; aborted; wrong-length, not-finite, diverged; what the backend
 *   throws
 */
export async function* tryRates(
  trial: {
    readonly backend: Backend;
    readonly settings: TrainingSettings;
    readonly data: TrainingData<DataSet>;
    readonly rates?: readonly number[] | undefined;
  },
  work: WorkOptions = {},
): AsyncGenerator<TriedRate, void, void> {
  const { backend, data, rates = trialRates } = trial;
  if (data.heldOut.count < 2) {
    throw new LangevinError(
      "invalid-value",
      `Comparing rates needs at least 2 held-out samples, but ${data.heldOut.count} were kept back.`,
      "Keep more with held-out.",
    );
  }
  const evaluate = heldOutEvaluation(backend, data);
  for (const rate of rates) {
    const settings: TrainingSettings = {
      ...trial.settings,
      rate,
      schedule: "constant",
      "warm-up": 0,
      "evaluate-every": 0,
      patience: 0,
      "checkpoint-every": trial.settings.updates,
    };
    let end: Checkpoint | undefined;
    const sink = {
      addMetrics: () => {},
      writeCheckpoint: (checkpoint: Checkpoint) => {
        end = checkpoint;
      },
      setState: () => {},
    };
    await using session = await backend.open(sessionOf(settings, data));
    try {
      for await (const _ of trainRun({ session, backend, settings, data, sink, ...work }));
      const network = networkOfCheckpoint(end!);
      const { signal } = work;
      yield {
        rate,
        diverged: undefined,
        measures: await evaluate({ network, settings }, { signal }),
      };
    } catch (error) {
      if (!isLangevinError(error, "diverged")) throw error;
      yield { rate, diverged: end?.update ?? 0, measures: {} };
      return;
    }
  }
}

/**
 * The smallest rate whose measure lies within one standard error of the best one: of those that cannot be told apart, the
 * one that is furthest from divergence.
 *
 * @returns undefined where no rate has that measure
 */
export function suggestRate(
  tried: readonly TriedRate[],
  measure: StopMeasure,
): TriedRate | undefined {
  const sign = stopMeasures[measure] === "lower" ? 1 : -1;
  const known = tried.filter(({ measures }) => typeof measures[measure] === "number");
  const of = ({ measures }: TriedRate) => sign * measures[measure]!;
  const best = known.reduce<TriedRate | undefined>(
    (a, b) => (a === undefined || of(b) < of(a) ? b : a),
    undefined,
  );
  if (!best) return undefined;
  const error = best.measures[`${measure}_error`] ?? 0;
  return known.find((one) => of(one) <= of(best) + error);
}
