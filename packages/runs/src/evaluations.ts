// The evaluations along a training: when they are due, what they keep, and whether they end it.
import { isLangevinError, LangevinError, type WorkOptions } from "@neural-langevin/core";
import type { TrainedMachine } from "./dynamics.js";
import { bestEvaluation, type EarlyStop, earlyStop, requireStopMeasure } from "./early-stop.js";
import type { MetricsRow } from "./run-layout.js";
import type { TrainingSettings } from "./settings.js";

/**
 * Measures a machine on images that it never saw.
 *
 * @returns the measures by name, null where one has no value
 * @throws aborted; diverged, where its chains do
 */
export type HeldOutEvaluation = (
  machine: TrainedMachine,
  work: WorkOptions,
) => Promise<Readonly<Record<string, number | null>>>;

/** What evaluates, and where evaluations are kept. */
interface EvaluationPlace {
  readonly evaluate: HeldOutEvaluation | undefined;
  readonly sink: {
    addEvaluation?(row: MetricsRow): void | Promise<void>;
    readonly evaluations?: readonly MetricsRow[];
  };
}

/** The evaluations of a training with `evaluate-every`. */
export class Evaluations {
  readonly #settings: TrainingSettings;
  readonly #place: EvaluationPlace;
  readonly #rows: MetricsRow[];

  /** @throws invalid-value, for evaluations that nothing makes or keeps */
  constructor(settings: TrainingSettings, place: EvaluationPlace) {
    const every = settings["evaluate-every"];
    if (every > 0 && !(place.evaluate && place.sink.addEvaluation)) {
      throw new LangevinError(
        "invalid-value",
        `evaluate-every is ${every}, but nothing ${place.evaluate ? "keeps" : "makes"} evaluations here.`,
        "Leave evaluate-every out, or train with nlm train.",
      );
    }
    this.#settings = settings;
    this.#place = place;
    this.#rows = [...(place.sink.evaluations ?? [])];
  }

  /** Whether one is due at an update and has not been made. */
  isDue(update: number): boolean {
    const { updates, "evaluate-every": every } = this.#settings;
    const isAt = every > 0 && (update % every === 0 || update === updates);
    return isAt && !this.#rows.some((row) => row.update === update);
  }

  /** The updates of those to come. */
  after(update: number): readonly number[] {
    const { updates, "evaluate-every": every } = this.#settings;
    if (every === 0) return [];
    const regular = Array.from(
      { length: Math.floor(updates / every) },
      (_, at) => (at + 1) * every,
    );
    return [...regular, updates].filter((one) => one > update);
  }

  /** Evaluates a machine; one whose chains diverge has no measures. */
  async add(update: number, machine: TrainedMachine, work: WorkOptions): Promise<void> {
    const { evaluate, sink } = this.#place;
    const measures = await evaluate!(machine, work).catch((error) => {
      if (isLangevinError(error, "diverged")) return undefined;
      throw error;
    });
    if (measures) requireStopMeasure(measures, this.#settings);
    const row = { update, ...measures };
    await sink.addEvaluation!(row);
    this.#rows.push(row);
  }

  /** The best one, where evaluations can end the training. */
  get best(): EarlyStop["best"] | undefined {
    const { patience, "stop-on": measure } = this.#settings;
    return patience > 0 ? bestEvaluation(this.#rows, measure) : undefined;
  }

  /** Whether they end the training. */
  get stop(): EarlyStop | undefined {
    return earlyStop(this.#rows, this.#settings);
  }
}
