// How a trained machine is sampled unless a command says otherwise: with its own step size and temperature, from where
// its training's chains began, for as long as those lived, and with its label units where it has some.
import { type ChainGaussian, type Integrator, type Session, streams } from "@neural-langevin/core";
import { labelMask, setLabel } from "@neural-langevin/datasets";
import {
  parseNegativePhase,
  type StoredNetwork,
  type TrainingSettings,
} from "@neural-langevin/runs";
import type { LoadedNetwork } from "../files/network.js";
import type { Terminal } from "../terminal/terminal.js";
import { followChains, runChains } from "./chains.js";

/** Steps of chains whose training does not say how long they live. */
const STEPS = 2000;

/** Steps that the chains of a training live: `restart-every` updates of k steps each. */
function lifetimeOf(settings: TrainingSettings): number {
  const phase = parseNegativePhase(settings["negative-phase"], {
    restartEvery: settings["restart-every"] || undefined,
    burnIn: settings["burn-in"],
    every: settings.thin,
  });
  return phase.kind === "persistent" && phase.restartEvery
    ? phase.restartEvery * phase.steps
    : STEPS;
}

/** How a machine is sampled. */
export interface Dynamics {
  readonly steps: number;
  readonly temperature: number;
  readonly dt: number;
  readonly integrator: Integrator;
  /** Where chains begin. */
  readonly chainStart: ChainGaussian;
}

/** How a machine is sampled by default: as its file says, else as its run's settings say. */
export const dynamicsOf = ({
  network: { sampling },
  settings,
}: Pick<LoadedNetwork, "network" | "settings">): Dynamics => ({
  steps: lifetimeOf(settings),
  temperature: sampling?.temperature ?? settings.temperature,
  dt: sampling?.dt ?? settings["step-size"],
  integrator: settings.integrator,
  chainStart: sampling?.chainStart ?? {},
});

/** Puts chains where they begin, and changes the state of each in place, as pinned units need it. */
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

/**
 * Puts chains where they begin, with the label units that ask for labels.
 *
 * @param labels of the chains, which take turns
 * @returns the units to pin; undefined where no label is asked for
 * @throws invalid-value, for a label that has no unit
 */
export async function askForLabels(
  session: Session,
  { labelUnits }: StoredNetwork,
  start: ChainGaussian,
  labels: readonly number[],
): Promise<Uint8Array | undefined> {
  await placeChains(session, start, (state, chain) => {
    if (labelUnits && labels.length > 0)
      setLabel(state, labels[chain % labels.length]!, labelUnits);
  });
  return labelUnits && labels.length > 0 ? labelMask(labelUnits) : undefined;
}

/** Frames of an average over firing rates, and the units of time that it covers. */
const AVERAGE = { frames: 10, time: 1.6 };

/**
 * Runs chains that are in their places, and then averages their firing rates tanh x over 1.6 units of time: what a slow
 * eye sees of them, with less thermal noise than at one moment and without cooling.
 *
 * @returns shape [B][N]
 * @throws aborted, diverged
 */
export async function averagedRates(
  terminal: Terminal,
  task: string,
  session: Session,
  { steps, temperature, dt, integrator }: Dynamics,
  pinned?: Uint8Array,
): Promise<Float32Array> {
  const every = Math.max(1, Math.round(AVERAGE.time / AVERAGE.frames / dt));
  const plan = { dt, integrator, pinned, start: "continue" as const };
  await runChains(terminal, task, session, { ...plan, stages: [{ steps, temperature }] });
  const { units, chains } = session.spec;
  const sums = new Float64Array(chains * units);
  const stages = [{ steps: every * AVERAGE.frames, temperature }];
  const frames = followChains(terminal, task, session, { ...plan, stages, every });
  for await (const { states } of frames) {
    for (let at = 0; at < sums.length; at++) sums[at]! += Math.tanh(states[at]!);
  }
  return Float32Array.from(sums, (sum) => sum / AVERAGE.frames);
}
