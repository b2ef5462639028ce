// Training by maximum likelihood, as an async iterator: progress, pause and cancelling need no
// callbacks, and whoever iterates decides what to draw, to write down or to stop.
import type { Session } from "./backend.js";
import { batchOrder } from "./data-order.js";
import { LangevinError, requireInteger, requireNonNegative } from "./errors.js";
import type { Integrator } from "./integrator.js";
import { type NegativePhase, requireNegativePhase, stepsPerUpdate } from "./negative-phase.js";
import { streams } from "./noise.js";
import type { Optimizer } from "./optimizer.js";
import { type RateSchedule, scheduleFactor } from "./schedule.js";
import { readTrainingState, type TrainingState, writeTrainingState } from "./training-state.js";

/** What is learned and how. */
export interface TrainingPlan {
  /** Updates of the whole training U. */
  readonly updates: number;
  readonly negativePhase: NegativePhase;
  /** T of the model. At T = 0 the rule lowers and raises energies themselves. */
  readonly temperature: number;
  readonly dt: number;
  readonly integrator: Integrator;
  readonly optimizer: Optimizer;
  /** Learning rate before the schedule. */
  readonly rate: number;
  readonly schedule: RateSchedule;
  /** L2 decay of J. */
  readonly decay: number;
  /** Data states per update; the session's whole room unless given, and never more than there are. */
  readonly batch?: number;
}

/** How a training is followed. */
export interface TrainingOptions {
  /** Updates already done, when a training goes on; 0 unless given. */
  readonly from?: number;
  /** A report every so many updates, and at the last one. */
  readonly reportEvery: number;
  /** Further updates with a report. */
  readonly reportAt?: readonly number[];
  /** Stops the training after the update at hand. */
  readonly signal?: { readonly aborted: boolean; readonly reason?: unknown };
  /** Milliseconds, for the seconds in reports; without it they are NaN, because core has no clock. */
  readonly now?: () => number;
}

/** Where a training stands. Energies and gradients are those before the update. */
export interface TrainingReport {
  /** Updates done. */
  readonly update: number;
  /** The learning rate of this update. */
  readonly rate: number;
  /** ⟨E⟩ over the batch. */
  readonly dataEnergy: number;
  /** ⟨E⟩ over the chains; NaN without a negative phase. */
  readonly chainEnergy: number;
  /** ‖∂(−log L)/∂J‖, Frobenius, without decay. */
  readonly couplingsGradient: number;
  /** ‖∂(−log L)/∂b‖. */
  readonly biasGradient: number;
  /** Seconds since this call of `train` began. */
  readonly seconds: number;
  /** Floating-point operations of the matrix products since this call of `train` began. */
  readonly flop: number;
}

/** A training that left the finite numbers; the session holds `state`, the last good one. */
export class DivergenceError extends LangevinError {
  readonly state: TrainingState;

  constructor(update: number, state: TrainingState, dt: number, rate: number) {
    super(
      "diverged",
      `Training diverged at update ${update}: energies or gradients are no longer finite numbers. ` +
        `The last good state, of update ${state.update}, is kept.`,
      `Try a smaller step size than ${dt} or a smaller learning rate than ${rate}.`,
    );
    this.state = state;
  }
}

/**
 * Trains the session's network on data states: per update, model chains take the steps of the negative
 * phase, then J and b follow the gradient of the log-likelihood,
 * (⟨v φᵀ⟩_data − ⟨v φᵀ⟩_model)/T and (⟨v⟩_data − ⟨v⟩_model)/T (arXiv 2506.23546).
 *
 * The session must hold the network; where training begins (`from` = 0) its chains are restarted from
 * N(0, 1). Noise and data order are functions of the update number, so a training that goes on from
 * a saved state (`readTrainingState`, `writeTrainingState`) is the one that was never interrupted.
 *
 * @param session opened with room for a batch
 * @param data states x, shape [P][N]
 * @throws invalid-value, wrong-length, diverged (a DivergenceError), aborted, and what the session throws
 */
export async function* train(
  session: Session,
  data: Float32Array,
  plan: TrainingPlan,
  options: TrainingOptions,
): AsyncGenerator<TrainingReport, void, void> {
  const { units, chains, seed } = session.spec;
  const count = data.length / units;
  const from = options.from ?? 0;
  requireTraining(session, count, plan, options);
  const size = Math.min(plan.batch ?? session.spec.batch, count);
  const order = batchOrder(seed, count, size);
  const began = options.now?.() ?? Number.NaN;
  const flop = flopPerUpdate({ units, chains, batch: size }, plan.negativePhase);
  const marked = new Set(options.reportAt);

  if (from === 0) session.restart(streams.initialState, 0);
  let good = await readTrainingState(session, from);
  const batch = new Float32Array(size * units);
  let running: Promise<void> = Promise.resolve();
  for (let update = from + 1; update <= plan.updates; update++) {
    order(update).forEach((index, row) => {
      batch.set(data.subarray(index * units, (index + 1) * units), row * units);
    });
    session.write("batch", batch);
    session.accumulate("batch", 1);
    runNegativePhase(session, plan, update);

    const stopping = options.signal?.aborted ?? false;
    const due = update % options.reportEvery === 0 || marked.has(update);
    const reporting = stopping || due || update === plan.updates;
    const measures = reporting ? measureUpdate(session, plan) : undefined;
    const rate = plan.rate * scheduleFactor(plan.schedule, update, plan.updates);
    session.update({
      optimizer: plan.optimizer,
      rate,
      decay: plan.decay,
      temperature: plan.temperature,
      update,
    });
    // One update may run while the next is being enqueued; more would only make stopping slow.
    await running;
    running = session.settle();
    running.catch(() => {});
    if (!measures) continue;

    const measured = await measures;
    await running;
    const state = await readTrainingState(session, update);
    if (!isMeasured(measured, plan.negativePhase) || !isFiniteState(state)) {
      writeTrainingState(session, good);
      throw new DivergenceError(update, good, plan.dt, plan.rate);
    }
    good = state;
    yield {
      update,
      rate,
      ...measured,
      seconds: ((options.now?.() ?? Number.NaN) - began) / 1000,
      flop: (update - from) * flop,
    };
    if (stopping && update < plan.updates) {
      throw new LangevinError("aborted", `Training was stopped after update ${update}.`);
    }
  }
}

/**
 * Floating-point operations of the matrix products of one update: 4N² for each step of each chain, and for each
 * state that enters an average.
 */
export function flopPerUpdate(
  size: { readonly units: number; readonly chains: number; readonly batch: number },
  phase: NegativePhase,
): number {
  const perChain = stepsPerUpdate(phase) + statesPerAverage(phase);
  return 4 * size.units ** 2 * (perChain * size.chains + size.batch);
}

/** Model states that enter the average of one update, per chain. */
function statesPerAverage(phase: NegativePhase): number {
  if (phase.kind === "none") return 0;
  return phase.kind === "time-average" ? Math.floor((phase.steps - phase.burnIn) / phase.every) : 1;
}

/** Enqueues the steps of one negative phase and subtracts its statistics. */
function runNegativePhase(session: Session, plan: TrainingPlan, update: number): void {
  const phase = plan.negativePhase;
  if (phase.kind === "none") return;
  const firstStep = (update - 1) * phase.steps;
  const advance = (start: number, steps: number) =>
    session.advance({
      firstStep: firstStep + start,
      steps,
      dt: plan.dt,
      temperature: plan.temperature,
      integrator: plan.integrator,
      feedbackFrom: firstStep + (phase.feedbackOffSteps ?? 0),
    });
  if (phase.kind === "random-restart") session.restart(streams.initialState, update);
  if (phase.kind !== "time-average") {
    advance(0, phase.steps);
    session.accumulate("chains", -1);
    return;
  }
  const states = statesPerAverage(phase);
  if (phase.burnIn > 0) advance(0, phase.burnIn);
  for (let state = 0; state < states; state++) {
    advance(phase.burnIn + state * phase.every, phase.every);
    session.accumulate("chains", -1 / states);
  }
  const done = phase.burnIn + states * phase.every;
  if (done < phase.steps) advance(done, phase.steps - done);
}

type Measured = Pick<
  TrainingReport,
  "dataEnergy" | "chainEnergy" | "couplingsGradient" | "biasGradient"
>;

async function measureUpdate(session: Session, plan: TrainingPlan): Promise<Measured> {
  const { units } = session.spec;
  const hasChains = plan.negativePhase.kind !== "none";
  const [dataEnergies, chainEnergies, statistics] = await Promise.all([
    session.measure("energy", "batch"),
    hasChains ? session.measure("energy", "chains") : new Float32Array([Number.NaN]),
    session.read("statistics"),
  ]);
  const temperature = plan.temperature > 0 ? plan.temperature : 1;
  return {
    dataEnergy: mean(dataEnergies),
    chainEnergy: mean(chainEnergies),
    couplingsGradient: norm(statistics.subarray(0, units * units)) / temperature,
    biasGradient: norm(statistics.subarray(units * units)) / temperature,
  };
}

const mean = (values: Float32Array): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const norm = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

const isMeasured = (measured: Measured, phase: NegativePhase): boolean =>
  Object.entries(measured).every(
    ([name, value]) => Number.isFinite(value) || (name === "chainEnergy" && phase.kind === "none"),
  );

const isFiniteState = (state: TrainingState): boolean =>
  [state.couplings, state.bias, state.chains, state.moments].every((values) =>
    values.every((value) => Number.isFinite(value)),
  );

function requireTraining(
  session: Session,
  count: number,
  plan: TrainingPlan,
  options: TrainingOptions,
): void {
  const { units, batch } = session.spec;
  if (count < 1 || !Number.isInteger(count)) {
    throw new LangevinError(
      "wrong-length",
      `data must be whole states of ${units} units, not ${count * units} values.`,
    );
  }
  requireInteger("updates", plan.updates, 1);
  requireInteger("from", options.from ?? 0, 0);
  requireInteger("reportEvery", options.reportEvery, 1);
  requireInteger("batch", plan.batch ?? batch, 1);
  if ((plan.batch ?? batch) > batch) {
    throw new LangevinError(
      "invalid-value",
      `A batch of ${plan.batch} states does not fit into this session, which has room for ${batch}.`,
    );
  }
  requireNonNegative("rate", plan.rate);
  requireNonNegative("decay", plan.decay);
  requireNegativePhase(plan.negativePhase);
}
