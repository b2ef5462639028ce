// Chains of a trained machine as one asks for them: where they begin, what is held, what is seen on the way, and where
// they end; at the machine's own temperature, over a ladder of them, or cooled.
import {
  type Backend,
  LangevinError,
  type LangevinPlan,
  type Session,
  type SwapStatistics,
  swapStatistics,
  type WorkOptions,
} from "@neural-langevin/core";
import { requireInteger, requireLength } from "@neural-langevin/core/backend";
import { askForLabel, labelMask } from "@neural-langevin/datasets";
import { type ChainsPlan, followChains, openChains, placeChains, runChains } from "./chains.js";
import { cooling, dynamicsOf, type GivenDynamics, type TrainedMachine } from "./dynamics.js";
import { requireLabelUnits } from "./generate.js";
import { temperChains } from "./temper-chains.js";

/** How a machine is sampled. */
export interface SamplePlan extends ChainsPlan {
  /** Labels that are asked for; chains take them and their kinds as `askForLabel` says. None unless given. */
  readonly labels?: readonly number[] | undefined;
  /** The machine's own where it is not given. */
  readonly dynamics?: GivenDynamics | undefined;
  /** x that chains begin from, in turn, shape [count][N]; as in training unless given. */
  readonly start?: Float32Array | undefined;
  /** Nonzero marks a unit that keeps its value, shape [N]; the units of labels that are asked for keep theirs. */
  readonly pinned?: Uint8Array | undefined;
  /** Steps before those of the dynamics; none unless given. */
  readonly burnIn?: number | undefined;
  /** Steps between two frames that are kept; none is kept unless given. */
  readonly every?: number | undefined;
  /**
   * T of the chains, which take them in turn, a chain of every label at each; T of the dynamics unless given.
   */
  readonly temperatures?: readonly number[] | undefined;
  /**
   * T of a ladder, ascending, over which chains swap every `stepsPerSweep` steps; the lowest is sampled. T of the dynamics
   * alone unless given.
   */
  readonly tempering?: readonly number[] | undefined;
  /** Whether chains are cooled to T = 0 at the end. */
  readonly cool?: boolean | undefined;
}

/** A ladder of temperatures and what became of its swaps. */
export interface Tempered extends SwapStatistics {
  /** T of the rungs, ascending. */
  readonly temperatures: readonly number[];
}

/** The sampled chains at one moment. */
export interface SampledFrame {
  /** Whether it is a frame of `every`; what is not is where the chains end. */
  readonly kept: boolean;
  /** x, shape [B][N]. */
  readonly states: Float32Array;
  /** E(x), shape [B]. */
  readonly energies: Float32Array;
  /** T of every chain, shape [B], where they have several. */
  readonly temperatures?: Float32Array | undefined;
  /** How tempering has gone so far. */
  readonly tempered?: Tempered | undefined;
}

/** Langevin steps between two swaps of tempered chains. */
export const stepsPerSweep = 20;

/** The plan with all that it leaves to the machine. */
interface CompletePlan extends Pick<LangevinPlan, "dt" | "integrator" | "pinned"> {
  readonly steps: number;
  readonly temperature: number | Float32Array;
  readonly burnIn: number;
  readonly every: number | undefined;
}

/**
 * Samples a machine: yields a frame every so many steps after the burn-in, and at last where the chains end.
 *
 * @throws aborted, diverged; unsupported and invalid-value, for labels that have no unit; invalid-value, for a ladder
 *   that does not ascend, frames between its swaps or after the last step, and several temperatures beside it;
 *   wrong-length; not-finite
 */
export async function* sampleMachine(
  backend: Backend,
  machine: TrainedMachine,
  plan: SamplePlan,
  work: WorkOptions = {},
): AsyncGenerator<SampledFrame, void, void> {
  const { labels = [], start, temperatures, tempering, burnIn = 0, every } = plan;
  const { network } = machine;
  const { units } = network;
  const layout = labels.length > 0 ? requireLabelUnits(network, labels) : undefined;
  if (tempering && plan.cool) {
    throw new LangevinError(
      "invalid-value",
      "Chains are cooled from one temperature, but tempering gives them several.",
      "Leave one of them out.",
    );
  }
  if (temperatures && (tempering || temperatures.length === 0)) {
    throw new LangevinError(
      "invalid-value",
      tempering
        ? "Tempering samples at the lowest temperature of its ladder, so temperatures have no effect."
        : "temperatures is empty.",
      "Leave temperatures out.",
    );
  }
  requireInteger("burnIn", burnIn, 0);
  if (every !== undefined) requireInteger("every", every, 1);
  if (plan.pinned) requireLength("pinned", plan.pinned, units);
  if (start && (start.length === 0 || start.length % units !== 0)) {
    throw new LangevinError(
      "wrong-length",
      `start has ${start.length} values, but a state of this machine has ${units}.`,
    );
  }
  const { chainStart, ...dynamics } = dynamicsOf(machine, plan.dynamics);
  const rungs = tempering?.length ?? 1;
  const chains = { ...plan, chains: plan.chains * rungs };
  await using session = await openChains(backend, network, chains);
  await placeChains(session, chainStart, (state, chain) => {
    // The chains of a ladder begin alike and are asked for one label.
    const row = Math.floor(chain / rungs);
    if (start) state.set(rowOf(start, row, units));
    if (layout) askForLabel(state, row, labels, layout);
  });
  const pinned = union(layout && labelMask(layout), plan.pinned);
  const temperature =
    temperatures === undefined
      ? dynamics.temperature
      : Float32Array.from({ length: chains.chains }, (_, chain) => {
          const turn = Math.floor(chain / Math.max(1, labels.length));
          return temperatures[turn % temperatures.length]!;
        });
  const complete = { ...dynamics, temperature, pinned, burnIn, every };
  yield* tempering
    ? temperedFrames(session, tempering, complete, work)
    : plainFrames(session, complete, work);
  if (!plan.cool) return;
  const cool = { ...dynamics, pinned, start: "continue", stages: cooling } as const;
  yield { ...(await runChains(session, "cooling", cool, work)), kept: false };
}

/** Frames of chains, each at its own temperature. */
async function* plainFrames(
  session: Session,
  { steps, temperature, burnIn, every, ...dynamics }: CompletePlan,
  work: WorkOptions,
): AsyncGenerator<SampledFrame, void, void> {
  const total = burnIn + steps;
  requireFrame(steps, every);
  const temperatures = typeof temperature === "number" ? undefined : temperature;
  const at =
    every &&
    Array.from({ length: Math.floor(steps / every) }, (_, frame) => burnIn + (frame + 1) * every);
  const stages = [{ steps: total, temperature }];
  const plan = { ...dynamics, stages, start: "continue", at: at || undefined } as const;
  for await (const { done, states, energies } of followChains(session, "sampling", plan, work)) {
    const kept = isKept(done, burnIn, every);
    if (kept || done === total) yield { kept, states, energies, temperatures };
  }
}

/** Refuses steps that end before the first frame. */
function requireFrame(steps: number, every: number | undefined): void {
  if (every === undefined || every <= steps) return;
  throw new LangevinError(
    "invalid-value",
    `A frame every ${every} steps is wanted, but there are ${steps} steps, so none would be kept.`,
    `Take at least ${every} steps.`,
  );
}

/** Frames of the coldest of tempered chains, whose burn-in and end are those of a sweep. */
async function* temperedFrames(
  session: Session,
  temperatures: readonly number[],
  { steps, burnIn, every, dt, integrator, pinned }: CompletePlan,
  work: WorkOptions,
): AsyncGenerator<SampledFrame, void, void> {
  const between = every === undefined ? undefined : every / stepsPerSweep;
  if (between !== undefined && !Number.isInteger(between)) {
    throw new LangevinError(
      "invalid-value",
      `Tempered chains swap every ${stepsPerSweep} steps, but every is ${every}, which is not a multiple of that.`,
      `Take a multiple, such as every ${stepsPerSweep * Math.ceil(between)}.`,
    );
  }
  requireFrame(stepsPerSweep * Math.ceil(steps / stepsPerSweep), every);
  const before = Math.ceil(burnIn / stepsPerSweep);
  const sweeps = before + Math.ceil(steps / stepsPerSweep);
  const plan = {
    dt,
    integrator,
    pinned,
    temperatures,
    sweeps,
    start: "continue",
    steps: stepsPerSweep,
    every: between && greatestDivisor(before, between),
  } as const;
  for await (const frame of temperChains(session, plan, work)) {
    const kept = isKept(frame.done, before, between);
    if (!kept && frame.done < sweeps) continue;
    yield {
      kept,
      states: frame.statesAt(0),
      energies: frame.energies.filter((_, chain) => frame.rungs[chain] === 0),
      tempered: { temperatures: frame.temperatures, ...swapStatistics(frame.swaps) },
    };
  }
}

const isKept = (done: number, burnIn: number, every: number | undefined): boolean =>
  every !== undefined && done > burnIn && (done - burnIn) % every === 0;

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));

const rowOf = (states: Float32Array, row: number, units: number): Float32Array => {
  const start = (row % (states.length / units)) * units;
  return states.subarray(start, start + units);
};

/** The units that are in one of two masks. */
const union = (first: Uint8Array | undefined, second: Uint8Array | undefined) =>
  first && second ? first.map((one, unit) => one || second[unit]!) : (first ?? second);
