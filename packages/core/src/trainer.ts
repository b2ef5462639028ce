// Training by maximum likelihood, as an async iterator: progress, pause and cancelling need no
// callbacks, and whoever iterates decides what to draw, to write down or to stop.
import {
  areFinite,
  requireArray,
  requireFinite,
  requireFunction,
  requireInteger,
  requireIntegers,
  requireLength,
  requireNonNegative,
  requireObject,
  requireOneOf,
  requirePositive,
  requireShare,
  requireSignal,
} from "./arguments.js";
import { requireAverage, requireDraw } from "./backend/checks.js";
import type { ChainGaussian, Session } from "./backend/contract.js";
import {
  type Companions,
  followParameters,
  IncompleteData,
  Ladders,
  type Swaps,
} from "./companions.js";
import { batchOrder } from "./data-order.js";
import { largestSoundEnergy } from "./divergence.js";
import { isLangevinError, LangevinError, type StopSignal } from "./errors.js";
import { type Integrator, integrators } from "./integrator.js";
import { meanWithError } from "./mean-with-error.js";
import { type NegativePhase, requireNegativePhase, stepsPerUpdate } from "./negative-phase.js";
import { countStates } from "./network.js";
import { chainNoise, type NoiseSource, streams } from "./noise.js";
import { gradientTemperature, type Optimizer, requireOptimizer } from "./optimizer.js";
import { type RateSchedule, requireSchedule, scheduleFactor } from "./schedule.js";
import { readTrainingState, type TrainingState, writeTrainingState } from "./training-state.js";

/** What is learned and how; `trainingDefaults` holds what is not given. */
export interface TrainingPlan {
  /** Updates of the whole training U. */
  readonly updates: number;
  /** How the model average is taken. */
  readonly negativePhase?: NegativePhase | undefined;
  /** T of the model. At T = 0 the rule lowers and raises energies themselves. */
  readonly temperature?: number | undefined;
  /** Time per step of the dynamics. */
  readonly dt?: number | undefined;
  /** How a step is taken. */
  readonly integrator?: Integrator | undefined;
  /** Adam or plain gradient descent. */
  readonly optimizer?: Optimizer | undefined;
  /** Learning rate before the schedule. */
  readonly learningRate?: number | undefined;
  /** The learning rate over the updates. */
  readonly schedule?: RateSchedule | undefined;
  /** L2 decay of J. */
  readonly decay?: number | undefined;
  /** The largest norm ‖∂(−log L)/∂(J, b)‖ of a step: larger gradients are scaled down to it; none unless given. */
  readonly clip?: number | undefined;
  /** Data states per update; the session's whole room unless given, and never more than there are. */
  readonly batch?: number | undefined;
  /**
   * σ: every update learns its batch as x + σ·ξ, with unit normals ξ of its own; 0 unless given. The model's units have the
   * thermal noise of T, which data lack: with σ = √T both have it, and J need not work against it.
   */
  readonly dataNoise?: number | undefined;
  /** Where chains begin, and begin again; N(0, 1) unless given. `dataStart` and `gaussianStart` take it from data. */
  readonly chainStart?: ChainGaussian | undefined;
  /**
   * J and b are averaged over the updates after this share of the training, in [0, 1); never unless given. The session
   * must be opened with `averages`.
   */
  readonly averageFrom?: number | undefined;
}

/** What a training takes where its plan does not say: PCD-10 at T = 1 and Adam with a rate that falls linearly to 0. */
export const trainingDefaults: {
  readonly negativePhase: NegativePhase;
  readonly temperature: number;
  readonly dt: number;
  readonly integrator: Integrator;
  readonly optimizer: Optimizer;
  readonly learningRate: number;
  readonly schedule: RateSchedule;
  readonly decay: number;
  readonly dataNoise: number;
} = {
  negativePhase: { kind: "persistent", steps: 10 },
  temperature: 1,
  dt: 0.01,
  integrator: "leimkuhler-matthews",
  optimizer: { kind: "adam" },
  learningRate: 5e-4,
  schedule: { kind: "linear" },
  decay: 5e-7,
  dataNoise: 0,
};

/** A plan with every field that has a default. */
export type CompleteTrainingPlan = typeof trainingDefaults &
  Pick<TrainingPlan, "updates" | "batch" | "chainStart" | "averageFrom" | "clip">;

type ResolvedPlan = CompleteTrainingPlan & {
  readonly batch: number;
  readonly chainStart: ChainGaussian;
};

/** How a training is followed. */
export interface TrainingOptions {
  /** Updates already done, when a training goes on; 0 unless given. */
  readonly from?: number | undefined;
  /** A report every so many updates, and at the last one; about a hundred in all unless given, at least one in 20. */
  readonly reportEvery?: number | undefined;
  /** Further updates with a report. */
  readonly reportAt?: readonly number[] | undefined;
  /** Stops the training after the update at hand. */
  readonly signal?: StopSignal | undefined;
  /** Milliseconds, for the seconds in reports; without it they are NaN, because core has no clock. */
  readonly now?: (() => number) | undefined;
  /**
   * Not 0 where a value of the data is known, shape [P][N]; all are unless given. Before every update missing values are
   * drawn from p(missing | known) by as many Langevin steps as the negative phase takes, from where they stood, so that the
   * training maximises the likelihood of what is known.
   */
  readonly known?: Uint8Array | undefined;
  /** The sessions that missing values and a tempered negative phase need, of `openCompanions`. */
  readonly companions?: Companions | undefined;
}

/** Where a training stands. Energies and gradients are those before the update. */
export interface TrainingReport {
  /** Updates done. */
  readonly update: number;
  /** The learning rate of this update, after the schedule. */
  readonly learningRate: number;
  /** ⟨E⟩ over the batch. */
  readonly dataEnergy: number;
  /** Its standard error; NaN for a batch of one state. */
  readonly dataEnergyError: number;
  /** ⟨E⟩ over the chains; NaN without a negative phase. */
  readonly chainEnergy: number;
  /** Its standard error; NaN for one chain, or none. */
  readonly chainEnergyError: number;
  /** ‖∂(−log L)/∂J‖, Frobenius, without decay. */
  readonly couplingsGradient: number;
  /** ‖∂(−log L)/∂b‖. */
  readonly biasGradient: number;
  /** Seconds since this call of `train` began. */
  readonly seconds: number;
  /** Floating-point operations of the matrix products since this call of `train` began. */
  readonly flop: number;
  /** Share of accepted swaps since the report before; only with a tempered negative phase. */
  readonly swapRate?: number | undefined;
  /** Its standard error between the ladders, which are independent of each other; NaN for one ladder. */
  readonly swapRateError?: number | undefined;
}

/** Updates between two copies of the state that a training falls back on, at least; a hundredth of it where that is more. */
const KEEP_EVERY = 100;

/** A training that diverged; the session holds `state`, the last good one, at most a hundred updates old, or a hundredth of all. */
export interface TrainingDivergence extends LangevinError {
  /** As of every divergence. */
  readonly code: "diverged";
  /** The last good state. */
  readonly state: TrainingState;
}

/** Whether a value is the failure of a training that diverged. */
export const isTrainingDivergence = (value: unknown): value is TrainingDivergence =>
  isLangevinError(value, "diverged") && "state" in value;

/**
 * Trains the session's network on data states: per update, model chains take the steps of the negative
 * phase, then J and b follow the gradient of the log-likelihood,
 * (⟨v φᵀ⟩_data − ⟨v φᵀ⟩_model)/T and (⟨v⟩_data − ⟨v⟩_model)/T (arXiv 2506.23546).
 *
 * The session must hold the network; where training begins (`from` = 0) its chains are drawn from
 * N(0, 1). Noise and data order are functions of the update number, so a training that goes on from
 * a saved state (`readTrainingState`, `writeTrainingState`) is the one that was never interrupted.
 *
 * @param session opened with room for a batch
 * @param data states x, shape [P][N]
 * @throws invalid-value, wrong-length, not-finite (at the call); diverged (see `isTrainingDivergence`), aborted, and
 *   what the session throws
 */
export function train(
  session: Session,
  data: Float32Array,
  plan: TrainingPlan,
  options: TrainingOptions = {},
): AsyncGenerator<TrainingReport, void, void> {
  const resolved = resolvePlan(session, data, plan, options);
  requireCompanions(session, resolved, options);
  return run(session, data, resolved, options);
}

async function* run(
  session: Session,
  data: Float32Array,
  plan: ResolvedPlan,
  options: TrainingOptions,
): AsyncGenerator<TrainingReport, void, void> {
  const { units, chains, seed } = session.spec;
  const { batch: size, updates } = plan;
  const from = options.from ?? 0;
  const order = batchOrder(seed, data.length / units, size);
  const began = options.now?.() ?? Number.NaN;
  const completing = options.known ? 4 * units ** 2 * size * stepsPerUpdate(plan.negativePhase) : 0;
  const flop = completing + flopPerUpdate({ units, chains, batch: size }, plan.negativePhase);
  const reportEvery = options.reportEvery ?? Math.min(20, Math.max(1, Math.floor(updates / 100)));
  const marked = new Set(options.reportAt);
  // A copy of the whole state makes the device wait for about as long as a few updates take.
  const keepEvery = Math.max(KEEP_EVERY, Math.floor(updates / 100));

  const { companions, known } = options;
  const incomplete = known && new IncompleteData(units, data, known);
  const ladders =
    plan.negativePhase.kind === "tempering"
      ? new Ladders(session, companions!, plan.negativePhase.temperatures)
      : undefined;

  if (from === 0) session.drawChains({ ...plan.chainStart, stream: streams.initialState, step: 0 });
  if (ladders && (from === 0 || !companions!.hot!.hasChains)) ladders.draw(plan.chainStart, from);
  const isBegun = from > 0 && companions?.missing?.length === incomplete?.count;
  if (incomplete && !isBegun) companions!.missing = incomplete.start();
  const averageAfter = Math.floor((plan.averageFrom ?? 1) * updates);
  let good = await readTrainingState(session, from, companions);
  const batch = new Float32Array(size * units);
  const swaps = { tried: 0, accepted: new Uint32Array(session.spec.chains) };
  let largest = Number.POSITIVE_INFINITY;
  let running: Promise<void> = Promise.resolve();
  for (let update = from + 1; update <= updates; update++) {
    const rows = order(update);
    if (companions) await followParameters(session, companions);
    if (incomplete) {
      const { missing, completion } = companions!;
      const steps = stepsPerUpdate(plan.negativePhase);
      const { dt, temperature, integrator } = plan;
      const how = { firstStep: (update - 1) * steps, steps, dt, temperature, integrator };
      session.write("batch", await incomplete.complete(rows, missing!, completion!, how));
    } else {
      const states = copyStates(data, units, rows, batch);
      addNoise(states, units, plan.dataNoise, { seed, step: update });
      session.write("batch", states);
    }
    if (update === from + 1) {
      const energies = await session.measure("energy", "batch");
      largest = largestSoundEnergy(energies, units, plan.temperature);
    }
    session.accumulate("batch", 1);
    const swapped = await runNegativePhase(session, plan, update, ladders);
    if (swapped && !swapped.isSound) {
      writeTrainingState(session, good, companions);
      throw divergence(update, good, plan);
    }
    swaps.tried += swapped?.tried ?? 0;
    swapped?.accepted.forEach((accepted, ladder) => {
      swaps.accepted[ladder]! += accepted;
    });

    const stopping = options.signal?.aborted ?? false;
    const due = update % reportEvery === 0 || marked.has(update);
    const reporting = stopping || due || update === updates;
    const measures = reporting ? measureUpdate(session, plan) : undefined;
    const learningRate = plan.learningRate * scheduleFactor(plan.schedule, update, updates);
    const shrink = plan.clip === undefined ? 1 : await clipFactor(session, plan, plan.clip);
    session.update({
      optimizer: plan.optimizer,
      learningRate,
      decay: plan.decay,
      // The gradient is statistics/T.
      temperature: shrink === 1 ? plan.temperature : gradientTemperature(plan.temperature) / shrink,
      update,
    });
    if (update > averageAfter) session.average(1 / (update - averageAfter));
    // One update may run while the next is being enqueued; more would only make stopping slow.
    await running;
    running = session.synchronize();
    running.catch(() => {});
    if (!measures) continue;

    const measured = await measures;
    await running;
    // Averages of an earlier training must not outlive it.
    if (plan.averageFrom === undefined && session.hasAverages) session.average(1);
    const keeping =
      marked.has(update) || stopping || update === updates || update - good.update >= keepEvery;
    const state = keeping ? await readTrainingState(session, update, companions) : good;
    if (!isSound(measured, plan.negativePhase, largest) || (keeping && !isFiniteState(state))) {
      writeTrainingState(session, good, companions);
      throw divergence(update, good, plan);
    }
    good = state;
    yield {
      update,
      learningRate,
      ...measured,
      seconds: ((options.now?.() ?? Number.NaN) - began) / 1000,
      flop: (update - from) * flop,
      ...(ladders && swapRate(swaps)),
    };
    swaps.tried = 0;
    swaps.accepted.fill(0);
    if (stopping && update < updates) {
      throw new LangevinError("aborted", `Training was stopped after update ${update}.`);
    }
  }
}

/** The share of accepted swaps, of which as many were tried in every ladder, and its error between ladders. */
function swapRate({ tried, accepted }: { tried: number; accepted: Uint32Array }) {
  const shares = Array.from(accepted, (one) => (one * accepted.length) / tried);
  const [rate, error] = meanWithError(shares);
  return { swapRate: rate, swapRateError: error };
}

/** Copies some states into the first rows of a batch, one after another. */
function copyStates(data: Float32Array, units: number, rows: Uint32Array, batch: Float32Array) {
  rows.forEach((index, row) => {
    batch.set(data.subarray(index * units, (index + 1) * units), row * units);
  });
  return batch.subarray(0, rows.length * units);
}

/** Adds σ·ξ to the states of a batch, with ξ of `streams.dataNoise`: that of row k is the noise of chain k. */
function addNoise(
  states: Float32Array,
  units: number,
  spread: number,
  { seed, step }: Pick<NoiseSource, "seed" | "step">,
): void {
  if (spread === 0) return;
  for (let row = 0; row < states.length / units; row++) {
    const noise = chainNoise({ seed, stream: streams.dataNoise, step }, row, units);
    for (let unit = 0; unit < units; unit++) states[row * units + unit]! += spread * noise[unit]!;
  }
}

/**
 * min(1, clip/‖g‖) for the gradient g of J and b, without decay. It asks the session for its statistics alone: the step
 * itself is scaled by its temperature, so nothing is written back.
 */
async function clipFactor(
  session: Session,
  { temperature }: ResolvedPlan,
  clip: number,
): Promise<number> {
  const { couplings, bias } = await session.norms();
  const gradient = Math.sqrt(couplings ** 2 + bias ** 2) / gradientTemperature(temperature);
  return gradient > clip ? clip / gradient : 1;
}

function divergence(update: number, state: TrainingState, plan: ResolvedPlan): LangevinError {
  const error = new LangevinError(
    "diverged",
    `Training diverged at update ${update}: energies or gradients are larger than the data and the temperature ` +
      `allow. The last good state, of update ${state.update}, is kept.`,
    `Try a smaller step size than ${plan.dt} or a smaller learning rate than ${plan.learningRate}.`,
  );
  return Object.assign(error, { state });
}

/**
 * Floating-point operations of the matrix products of one update: 4N² for each step of each chain, and for each
 * state that enters an average.
 */
export function flopPerUpdate(
  size: { readonly units: number; readonly chains: number; readonly batch: number },
  phase: NegativePhase,
): number {
  const rungs = phase.kind === "tempering" ? phase.temperatures.length : 1;
  const perChain = stepsPerUpdate(phase) * rungs + statesPerAverage(phase);
  return 4 * size.units ** 2 * (perChain * size.chains + size.batch);
}

/** Model states that enter the average of one update, per chain. */
function statesPerAverage(phase: NegativePhase): number {
  if (phase.kind === "none") return 0;
  return phase.kind === "time-average" ? Math.floor((phase.steps - phase.burnIn) / phase.every) : 1;
}

/** Enqueues the steps of one negative phase and subtracts its statistics. Of tempered chains it waits for the swaps. */
async function runNegativePhase(
  session: Session,
  plan: ResolvedPlan,
  update: number,
  ladders: Ladders | undefined,
): Promise<Swaps | undefined> {
  const phase = plan.negativePhase;
  if (phase.kind === "none") return undefined;
  const firstStep = (update - 1) * phase.steps;
  const run = (start: number, steps: number) => ({
    firstStep: firstStep + start,
    steps,
    dt: plan.dt,
    integrator: plan.integrator,
    feedbackFrom: firstStep + (phase.feedbackOffSteps ?? 0),
  });
  const advance = (start: number, steps: number) =>
    session.advance({ ...run(start, steps), temperature: plan.temperature });
  const draw = { ...plan.chainStart, stream: streams.initialState, step: update };
  if (phase.kind === "random-restart") session.drawChains(draw);
  if (phase.kind === "persistent" && phase.restartEvery !== undefined) {
    const { chains } = session.spec;
    const restarts = (after: number) => Math.floor((after * chains) / phase.restartEvery!);
    for (let restart = restarts(update - 1); restart < restarts(update); restart++) {
      session.drawChains({ ...draw, only: { first: restart % chains, count: 1 } });
    }
  }
  if (phase.kind !== "time-average") {
    advance(0, phase.steps);
    ladders?.advance(run(0, phase.steps));
    const swaps = await ladders?.swap(update);
    session.accumulate("chains", -1);
    return swaps;
  }
  const states = statesPerAverage(phase);
  if (phase.burnIn > 0) advance(0, phase.burnIn);
  for (let state = 0; state < states; state++) {
    advance(phase.burnIn + state * phase.every, phase.every);
    session.accumulate("chains", -1 / states);
  }
  const done = phase.burnIn + states * phase.every;
  if (done < phase.steps) advance(done, phase.steps - done);
  return undefined;
}

type Measured = Pick<
  TrainingReport,
  | "dataEnergy"
  | "dataEnergyError"
  | "chainEnergy"
  | "chainEnergyError"
  | "couplingsGradient"
  | "biasGradient"
>;

async function measureUpdate(session: Session, plan: ResolvedPlan): Promise<Measured> {
  const hasChains = plan.negativePhase.kind !== "none";
  const [dataEnergies, chainEnergies, norms] = await Promise.all([
    session.measure("energy", "batch"),
    hasChains ? session.measure("energy", "chains") : new Float32Array([Number.NaN]),
    session.norms(),
  ]);
  const temperature = gradientTemperature(plan.temperature);
  const [dataEnergy, dataEnergyError] = meanWithError(dataEnergies);
  const [chainEnergy, chainEnergyError] = meanWithError(chainEnergies);
  return {
    dataEnergy,
    dataEnergyError,
    chainEnergy,
    chainEnergyError,
    couplingsGradient: norms.couplings / temperature,
    biasGradient: norms.bias / temperature,
  };
}

/** Whether gradients are finite, and energies no larger than data and temperature allow. */
function isSound(measured: Measured, phase: NegativePhase, largest: number): boolean {
  const { dataEnergy, chainEnergy, couplingsGradient, biasGradient } = measured;
  const energies = phase.kind === "none" ? [dataEnergy] : [dataEnergy, chainEnergy];
  return (
    energies.every((energy) => energy <= largest) &&
    Number.isFinite(couplingsGradient) &&
    Number.isFinite(biasGradient)
  );
}

const isFiniteState = (state: TrainingState): boolean =>
  [state.couplings, state.bias, state.chains, state.moments].every(areFinite);

/** A plan with its defaults filled in. Throws invalid-value, wrong-length, not-finite; companions are not looked at. */
export function resolvePlan(
  session: Session,
  data: Float32Array,
  plan: TrainingPlan,
  options: TrainingOptions,
): ResolvedPlan {
  requireObject("the session", session);
  const { units, batch: room } = session.spec;
  requireObject("the plan", plan);
  requireObject("the options", options);
  requireArray("data", data, ["Float32Array"]);
  const count = countStates(data, units);
  if (count < 1) throw new LangevinError("wrong-length", "data must hold at least one state.");
  requireFinite("data", data);
  const defaults = {
    ...trainingDefaults,
    updates: plan.updates,
    batch: room,
    chainStart: {},
    averageFrom: undefined,
    clip: undefined,
  };
  const unknown = Object.keys(plan).find((name) => !Object.hasOwn(defaults, name));
  if (unknown !== undefined) {
    throw new LangevinError(
      "invalid-value",
      `A training plan has no field "${unknown}".`,
      `Its fields are ${Object.keys(defaults).sort().join(", ")}.`,
    );
  }
  const given = Object.entries(plan).filter(([, value]) => value !== undefined);
  const wanted: ResolvedPlan = { ...defaults, ...Object.fromEntries(given) };
  requireInteger("updates", wanted.updates, 1);
  requireInteger("from", options.from ?? 0, 0);
  requireInteger("reportEvery", options.reportEvery ?? 1, 1);
  requireIntegers("reportAt", options.reportAt ?? [], 0);
  requireSignal(options.signal);
  if (options.now !== undefined) requireFunction("now", options.now);
  if (room === 0) {
    throw new LangevinError(
      "invalid-value",
      "This session has no room for a batch of data states.",
      "Open it with batch: the number of states per update.",
    );
  }
  requireInteger("batch", wanted.batch, 1);
  if (wanted.batch > room) {
    throw new LangevinError(
      "invalid-value",
      `A batch of ${wanted.batch} states does not fit into this session, which has room for ${room}.`,
      `Open the session with batch: ${wanted.batch}, or take a smaller batch.`,
    );
  }
  requireNonNegative("temperature", wanted.temperature);
  requirePositive("dt", wanted.dt);
  requireOneOf("integrator", wanted.integrator, integrators);
  requireOptimizer(wanted.optimizer);
  requireNonNegative("learningRate", wanted.learningRate);
  requireSchedule(wanted.schedule);
  requireNonNegative("decay", wanted.decay);
  requireNonNegative("dataNoise", wanted.dataNoise);
  requireNegativePhase(wanted.negativePhase);
  if (wanted.clip !== undefined) requirePositive("clip", wanted.clip);
  requireObject("chainStart", wanted.chainStart);
  requireDraw(session.spec, { ...wanted.chainStart, stream: streams.initialState, step: 0 });
  const { averageFrom } = wanted;
  if (averageFrom !== undefined) {
    requireShare("averageFrom", averageFrom);
    requireAverage(session.spec, 1);
  }
  const { known } = options;
  if (known !== undefined) {
    requireArray("known", known, ["Uint8Array"]);
    requireLength("known", known, data.length);
    if (wanted.dataNoise > 0) {
      throw new LangevinError(
        "invalid-value",
        "Data with missing values are learned without noise, but dataNoise is given.",
        "Leave dataNoise out.",
      );
    }
    if (wanted.negativePhase.kind === "none") {
      throw new LangevinError(
        "invalid-value",
        "Missing values are completed in the steps of the negative phase, but the plan has none.",
        "Take another negative phase.",
      );
    }
  }
  return { ...wanted, batch: Math.min(wanted.batch, count) };
}

/** Refuses missing values and tempering without the sessions that they need, or that cannot be. */
function requireCompanions(
  { spec }: Session,
  { negativePhase, temperature, batch }: ResolvedPlan,
  { known, companions }: TrainingOptions,
): void {
  const open = "Open them with openCompanions, and give them as companions.";
  if (companions !== undefined) requireObject("companions", companions);
  if (known !== undefined) {
    const room = companions?.completion?.spec.chains ?? 0;
    if (room < batch) {
      throw new LangevinError(
        "invalid-value",
        `A batch of ${batch} states with missing values needs as many chains beside the training, but there are ${room}.`,
        open,
      );
    }
  }
  if (negativePhase.kind !== "tempering") return;
  const { temperatures } = negativePhase;
  if (temperatures[0] !== temperature) {
    throw new LangevinError(
      "invalid-value",
      `The lowest temperature of the ladder is ${temperatures[0]}, but the model has the temperature ${temperature}.`,
      "Begin the ladder with the temperature of the model.",
    );
  }
  const [wanted, found] = [
    spec.chains * (temperatures.length - 1),
    companions?.hot?.spec.chains ?? 0,
  ];
  if (wanted === found) return;
  throw new LangevinError(
    "invalid-value",
    `A ladder of ${temperatures.length} temperatures for ${spec.chains} chains needs ${wanted} hot chains beside the ` +
      `training, but there are ${found}.`,
    open,
  );
}
