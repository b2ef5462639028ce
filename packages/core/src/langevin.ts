// The runner of chains, the sibling of `train`: Langevin dynamics through stages of temperature, as an async iterator
// over frames. It keeps the step count, stops on a signal, works in bounded pieces, and notices divergence.
import {
  requireInteger,
  requireIntegers,
  requireObject,
  requireOneOf,
  requirePositive,
  requireSignal,
} from "./arguments.js";
import { requireDraw, requireRun, requireSlotValues } from "./backend/checks.js";
import type { ChainGaussian, ResolvedSpec, Session } from "./backend/contract.js";
import { largestSoundEnergy, requireSoundEnergies } from "./divergence.js";
import { LangevinError, type StopSignal } from "./errors.js";
import type { Integrator } from "./integrator.js";
import type { Values } from "./network.js";
import { streams } from "./noise.js";

/** Some steps at one temperature. */
export interface Stage {
  /** How many Langevin steps. */
  readonly steps: number;
  /** T of all chains, or of each, shape [B]; 0 lets chains fall to minima of the energy. */
  readonly temperature: number | Values;
}

/**
 * Where chains begin: `continue` where they stand, `fresh` at N(0, 1), at a Gaussian μ + σ·N(0, 1), or at given states x,
 * shape [B][N].
 */
export type ChainStart = "continue" | "fresh" | ChainGaussian | Float32Array;

/** How chains are run, and what is seen of them. */
export interface LangevinPlan {
  /** Stages in order; together at least one step. */
  readonly stages: readonly Stage[];
  /** Time per step. */
  readonly dt: number;
  /** `leimkuhler-matthews` unless given. */
  readonly integrator?: Integrator | undefined;
  /** Chains go on where they stand unless given; those that were never set begin fresh. */
  readonly start?: ChainStart | undefined;
  /** Number of the first step, which decides the noise; the session's next one unless given. */
  readonly firstStep?: number | undefined;
  /** A frame after every so many steps. */
  readonly every?: number | undefined;
  /** Frames after these numbers of steps, ascending; 0 is the start. */
  readonly at?: readonly number[] | undefined;
  /** The feedback term is left out before this step number: 0 (the default) never, Infinity always. */
  readonly feedbackFrom?: number | undefined;
  /** Nonzero marks a unit that keeps its value, shape [N]; the rest samples p(free | pinned). */
  readonly pinned?: Uint8Array | undefined;
  /** Stops between two pieces of work; the session holds the chains as they are then. */
  readonly signal?: StopSignal | undefined;
}

/** Chains at one moment. */
export interface LangevinFrame {
  /** Steps since this call began. */
  readonly done: number;
  /** Number of the step that comes next, which `firstStep` takes to go on from here. */
  readonly step: number;
  /** T of the stage that led here; of the first stage at the start. */
  readonly temperature: number | Values;
  /** x, shape [B][N]. */
  readonly states: Float32Array;
  /** E(x) of every chain, shape [B]. */
  readonly energies: Float32Array;
}

/** Floating-point operations in one piece of work, a fraction of a second on a processor, and its longest length. */
const PIECE = { flop: 1e10, steps: 1000 };
/** Steps without a frame after which energies are looked at all the same. */
const UNSEEN = 200;

/**
 * Runs a session's chains by dx = −∇E dt + √(2T) dW and yields a frame after every `every` steps, at the steps `at`,
 * and always after the last one.
 *
 * The noise is a function of seed, chain and step, so frames, pieces and interruptions change no bit: to go on after
 * an interruption, start from the last frame's states with its `step` as `firstStep`. The session may be read,
 * measured and changed between two frames.
 *
 * @throws invalid-value, wrong-length, not-finite (at the call); aborted, diverged (an energy beyond
 *   1000·(E₀ + N(T + 1)), see `divergence`), and what the session throws
 */
export function langevin(
  session: Session,
  plan: LangevinPlan,
): AsyncGenerator<LangevinFrame, void, void> {
  requireObject("the session", session);
  requireLangevinPlan(session.spec, session.nextStep, plan);
  return run(session, plan);
}

/**
 * Runs a session's chains through all stages and returns where they end, x of shape [B][N].
 *
 * Calling it again goes on with the same chains; `start: "fresh"` begins anew. Chains of a session opened with
 * `firstChain: FRESH_CHAINS` see noise that no training saw.
 *
 * @throws what `langevin` throws: invalid-value, wrong-length, not-finite, aborted, diverged
 */
export async function sample(
  session: Session,
  plan: Omit<LangevinPlan, "every" | "at">,
): Promise<Float32Array> {
  let states: Float32Array = new Float32Array();
  for await (const frame of langevin(session, plan)) states = frame.states;
  return states;
}

async function* run(
  session: Session,
  plan: LangevinPlan,
): AsyncGenerator<LangevinFrame, void, void> {
  const { dt, integrator = "leimkuhler-matthews", feedbackFrom, pinned, signal } = plan;
  const { units, chains } = session.spec;
  const firstStep = plan.firstStep ?? session.nextStep;
  const total = plan.stages.reduce((sum, { steps }) => sum + steps, 0);
  const due = frameOrder(plan, total);
  const most = Math.round(PIECE.flop / (4 * units ** 2 * chains));
  const piece = Math.min(PIECE.steps, Math.max(1, most));

  placeChains(session, plan.start, firstStep);
  const hottest = Math.max(...plan.stages.map(({ temperature }) => largestOf(temperature)));
  const start = await session.measure("energy", "chains");
  const largest = largestSoundEnergy(start, units, hottest);
  requireSoundEnergies(start, { largest, step: firstStep, dt });

  let done = 0;
  const frame = async (temperature: Stage["temperature"]): Promise<LangevinFrame> => {
    const [states, energies] = await Promise.all([
      session.read("chains"),
      session.measure("energy", "chains"),
    ]);
    requireSoundEnergies(energies, { largest, step: firstStep + done, dt });
    return { done, step: firstStep + done, temperature, states, energies };
  };
  if (due.next === 0) {
    due.pass(0);
    yield await frame(plan.stages[0]!.temperature);
  }
  let running: Promise<void> = Promise.resolve();
  let unseen = 0;
  for (const { steps: length, temperature } of plan.stages) {
    for (const end = done + length; done < end; ) {
      if (signal?.aborted) {
        throw new LangevinError("aborted", `Sampling was stopped after ${done} of ${total} steps.`);
      }
      const steps = Math.min(piece, end - done, due.next - done);
      session.advance({
        firstStep: firstStep + done,
        steps,
        dt,
        temperature,
        integrator,
        feedbackFrom,
        pinned,
      });
      done += steps;
      unseen += steps;
      // One piece may run while the next is being enqueued; more would only make stopping slow.
      await running;
      running = session.synchronize();
      running.catch(() => {});
      if (done === due.next) {
        due.pass(done);
        unseen = 0;
        yield await frame(temperature);
      } else if (unseen >= UNSEEN) {
        unseen = 0;
        const energies = await session.measure("energy", "chains");
        requireSoundEnergies(energies, { largest, step: firstStep + done, dt });
      }
    }
  }
}

/** Puts chains where they begin; those that were never set are zeros, and begin fresh. */
function placeChains(session: Session, start: ChainStart | undefined, firstStep: number): void {
  const chosen = start ?? (session.hasChains ? "continue" : "fresh");
  if (chosen === "continue") return;
  if (isStates(chosen)) session.write("chains", chosen);
  else {
    const gaussian = chosen === "fresh" ? {} : chosen;
    session.drawChains({ ...gaussian, stream: streams.initialState, step: firstStep });
  }
}

const isStates = (start: ChainStart): start is Float32Array => ArrayBuffer.isView(start);

/** The numbers of steps after which frames are due, one after another. */
function frameOrder({ every = Number.POSITIVE_INFINITY, at = [] }: LangevinPlan, total: number) {
  let index = 0;
  const nextAfter = (done: number) =>
    Math.min((Math.floor(done / every) + 1) * every, at[index] ?? total, total);
  let next = at[0] === 0 ? 0 : nextAfter(0);
  return {
    get next(): number {
      return next;
    },
    /** A frame after this many steps was made. */
    pass(done: number): void {
      while (index < at.length && at[index]! <= done) index++;
      next = nextAfter(done);
    },
  };
}

const largestOf = (temperature: Stage["temperature"]): number =>
  typeof temperature === "number"
    ? temperature
    : (temperature as Float32Array).reduce((largest, one) => Math.max(largest, one), 0);

/** Refuses a plan that the chains of a session cannot follow. Throws invalid-value, wrong-length, not-finite. */
export function requireLangevinPlan(
  spec: ResolvedSpec,
  nextStep: number,
  plan: LangevinPlan,
): void {
  requireObject("the plan", plan);
  const { stages, dt, integrator = "leimkuhler-matthews", start, every, at = [] } = plan;
  requirePositive("dt", dt);
  if (!Array.isArray(stages) || stages.length === 0) {
    throw new LangevinError(
      "invalid-value",
      "stages must be a list of at least one stage.",
      "For example [{ steps: 1000, temperature: 1 }].",
    );
  }
  let firstStep = plan.firstStep ?? nextStep;
  for (const stage of stages) {
    requireObject("a stage", stage);
    const { steps, temperature } = stage;
    const { feedbackFrom, pinned } = plan;
    requireRun(spec, { firstStep, steps, dt, temperature, integrator, feedbackFrom, pinned });
    firstStep += steps;
  }
  if (every !== undefined) requireInteger("every", every, 1);
  requireIntegers("at", at, 0, true);
  requireSignal(plan.signal);
  if (typeof start === "string") requireOneOf("start", start, ["continue", "fresh"]);
  else if (start !== undefined) {
    if (isStates(start)) requireSlotValues(spec, "chains", start);
    else {
      requireObject("start", start);
      requireDraw(spec, { ...start, stream: streams.initialState, step: 0 });
    }
  }
}
