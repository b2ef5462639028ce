// Chains of a trained network that training never saw, as commands run them: followed on the terminal and stopped by
// Ctrl-C.
import { mean } from "@neural-langevin/analysis";
import {
  type Backend,
  FRESH_CHAINS,
  type LangevinFrame,
  type LangevinPlan,
  langevin,
  type Network,
  type Session,
  type Stage,
  writeNetwork,
} from "@neural-langevin/core";
import { showProgress } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";

/** The stages that cool chains to T = 0, which takes the thermal noise out of an image. */
export const cooling: readonly Stage[] = [0.6, 0.3, 0.1, 0].map((temperature) => ({
  steps: 200,
  temperature,
}));

/**
 * Opens chains of a network; they begin at N(0, 1) unless they are told otherwise.
 *
 * @param first number of the first one: chains of other numbers have independent noise; 0 unless given
 */
export async function openChains(
  backend: Backend,
  network: Network,
  {
    chains,
    seed,
    first = 0,
  }: { readonly chains: number; readonly seed: number; readonly first?: number },
): Promise<Session> {
  const { units, activation } = network;
  const firstChain = FRESH_CHAINS + first;
  const session = await backend.open({ units, chains, seed, activation, firstChain });
  writeNetwork(session, network);
  return session;
}

/**
 * Runs chains, shows how far they are, and yields a frame every hundredth of the way unless the plan says otherwise.
 *
 * @param task what is being done, for example "sampling"
 * @throws aborted, diverged
 */
export async function* followChains(
  terminal: Terminal,
  task: string,
  session: Session,
  plan: Omit<LangevinPlan, "signal">,
): AsyncGenerator<LangevinFrame, void, void> {
  const total = plan.stages.reduce((sum, { steps }) => sum + steps, 0);
  const every = plan.at ? undefined : Math.ceil(total / 100);
  const progress = showProgress(terminal);
  const { interrupted: signal } = terminal;
  for await (const frame of langevin(session, { every, ...plan, signal })) {
    const { done, temperature, energies } = frame;
    const values = { temperature: temperature as number, energy: mean(energies) };
    progress({ task, done, total, unit: "steps", values });
    yield frame;
  }
}

/**
 * Runs chains through all stages and returns where they end.
 *
 * @throws aborted, diverged
 */
export async function runChains(
  terminal: Terminal,
  task: string,
  session: Session,
  plan: Omit<LangevinPlan, "signal">,
): Promise<LangevinFrame> {
  let last: LangevinFrame | undefined;
  for await (const frame of followChains(terminal, task, session, plan)) last = frame;
  return last!;
}
