// Chains of a trained network that training never saw: opened, put where they begin, and run with their progress.
import {
  type Backend,
  type ChainGaussian,
  FRESH_CHAINS,
  type LangevinFrame,
  type LangevinPlan,
  langevin,
  type Network,
  type Session,
  streams,
  type WorkOptions,
  writeNetwork,
} from "@neural-langevin/core";
import type { Dynamics } from "./dynamics.js";

/** Which chains are opened. */
export interface ChainsPlan {
  /** How many. */
  readonly chains: number;
  /** Of all their noise. */
  readonly seed: number;
  /** Number of the first one, 0 unless given: chains of other numbers have independent noise. */
  readonly first?: number | undefined;
}

/**
 * Opens a session with chains of a network, whose noise no training saw; the caller closes it.
 *
 * @throws invalid-value, wrong-length, not-finite, and what the backend throws
 */
export async function openChains(
  backend: Backend,
  network: Network,
  { chains, seed, first = 0 }: ChainsPlan,
): Promise<Session> {
  const { units, activation } = network;
  const firstChain = FRESH_CHAINS + first;
  const session = await backend.open({ units, chains, seed, activation, firstChain });
  writeNetwork(session, network);
  return session;
}

/**
 * Puts chains where they begin, and lets a function change the state x of each in place, shape [N], for units that are
 * given or pinned.
 */
export async function placeChains(
  session: Session,
  start: ChainGaussian,
  change: (state: Float32Array, chain: number) => void,
): Promise<void> {
  const { units, chains } = session.spec;
  session.drawChains({ ...start, stream: streams.initialState, step: session.nextStep });
  const states = await session.read("chains");
  for (let chain = 0; chain < chains; chain++) {
    change(states.subarray(chain * units, (chain + 1) * units), chain);
  }
  session.write("chains", states);
}

/** Steps between frames of progress, at least: energies of a frame cost half a step, and its states a copy. */
const FRAME_STEPS = 20;
/** Frames of progress, at most. */
const FRAMES = 50;

/**
 * `langevin` of core with progress: a frame every fiftieth of the way, or every twenty steps, unless the plan says otherwise,
 * with T and the mean energy.
 *
 * @param task what is being done, for example "sampling"
 * @throws what `langevin` throws: invalid-value, wrong-length, not-finite, aborted, diverged
 */
export async function* followChains(
  session: Session,
  task: string,
  plan: Omit<LangevinPlan, "signal">,
  { signal, onProgress }: WorkOptions = {},
): AsyncGenerator<LangevinFrame, void, void> {
  const total = plan.stages.reduce((sum, { steps }) => sum + steps, 0);
  const every =
    plan.at || !onProgress ? undefined : Math.max(FRAME_STEPS, Math.ceil(total / FRAMES));
  for await (const frame of langevin(session, { every, ...plan, signal })) {
    const { done, energies } = frame;
    const energy = energies.reduce((sum, one) => sum + one, 0) / energies.length;
    const { temperature } = frame;
    const values = typeof temperature === "number" ? { temperature, energy } : { energy };
    onProgress?.({ task, done, total, unit: "steps", values });
    yield frame;
  }
}

/**
 * Runs chains through all stages with progress, and returns where they end.
 *
 * @throws what `langevin` throws: invalid-value, wrong-length, not-finite, aborted, diverged
 */
export async function runChains(
  session: Session,
  task: string,
  plan: Omit<LangevinPlan, "signal">,
  work: WorkOptions = {},
): Promise<LangevinFrame> {
  let last: LangevinFrame | undefined;
  for await (const frame of followChains(session, task, plan, work)) last = frame;
  return last!;
}

/** Frames of an average over firing rates, and the units of time that it covers. */
const AVERAGE = { frames: 10, time: 1.6 };

/**
 * Runs chains from where they are, and then averages their firing rates tanh x over 1.6 units of time: what a slow eye
 * sees of them, with less thermal noise than at one moment and without cooling.
 *
 * @param pinned nonzero marks a unit that keeps its value, shape [N]
 * @returns ⟨tanh x⟩, shape [B][N]
 * @throws what `langevin` throws: invalid-value, wrong-length, aborted, diverged, not-finite
 */
export async function averagedRates(
  session: Session,
  task: string,
  {
    steps,
    temperature,
    dt,
    integrator,
    pinned,
  }: Omit<Dynamics, "chainStart"> & Pick<LangevinPlan, "pinned">,
  work: WorkOptions = {},
): Promise<Float32Array> {
  const every = Math.max(1, Math.round(AVERAGE.time / AVERAGE.frames / dt));
  const plan = { dt, integrator, pinned, start: "continue" as const };
  await runChains(session, task, { ...plan, stages: [{ steps, temperature }] }, work);
  const { units, chains } = session.spec;
  const { frames } = AVERAGE;
  const sums = new Float64Array(chains * units);
  const all = Array.from({ length: units }, (_, unit) => unit);
  // The rates of pinned units are taken once, because they stay.
  const free = pinned ? all.filter((unit) => !pinned[unit]) : all;
  const stages = [{ steps: every * frames, temperature }];
  let taken = all;
  for await (const { states } of followChains(session, task, { ...plan, stages, every }, work)) {
    for (let from = 0; from < sums.length; from += units) {
      for (const unit of taken) sums[from + unit]! += Math.tanh(states[from + unit]!);
    }
    taken = free;
  }
  for (let from = 0; from < sums.length; from += units) {
    for (const unit of free) sums[from + unit]! /= frames;
  }
  return Float32Array.from(sums);
}
