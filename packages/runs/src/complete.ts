// Images of which a part is known: it is pinned, and the machine makes the rest.
import type { Backend, WorkOptions } from "@neural-langevin/core";
import { countStates, requireLength } from "@neural-langevin/core/backend";
import { pixelStates } from "@neural-langevin/datasets";
import { averagedRates, openChains, placeChains } from "./chains.js";
import { dynamicsOf, type GivenDynamics, type TrainedMachine } from "./dynamics.js";
import { pixelsOf } from "./machine-file.js";

/** What is completed. */
export interface CompletionPlan {
  /** x of the pixels, shape [count][pixels]; only those that are known count. */
  readonly states: Float32Array;
  /** Nonzero marks a pixel that is known, shape [pixels]. */
  readonly known: Uint8Array;
  /** Of all noise. */
  readonly seed: number;
  /** Number of the first chain, 0 unless given: chains of other numbers have independent noise. */
  readonly first?: number | undefined;
  /** The machine's own where it is not given. */
  readonly dynamics?: GivenDynamics | undefined;
}

/**
 * Completes images: known pixels are pinned, and the others and the label units sample p(free | known), from where chains
 * begin.
 *
 * @returns firing rates of the pixels, averaged as `averagedRates` does, shape [count][pixels]
 * @throws aborted, diverged; wrong-length, not-finite and invalid-value, for states and dynamics that cannot be
 */
export async function complete(
  backend: Backend,
  machine: TrainedMachine,
  { states, known, seed, first, dynamics: given }: CompletionPlan,
  work: WorkOptions = {},
): Promise<Float32Array> {
  const { network } = machine;
  const pixels = pixelsOf(network);
  requireLength("known", known, pixels);
  const dynamics = dynamicsOf(machine, given);
  const chains = countStates(states, pixels);
  await using session = await openChains(backend, network, { chains, seed, first });
  await placeChains(session, dynamics.chainStart, (state, chain) => {
    for (let i = 0; i < pixels; i++) if (known[i]) state[i] = states[chain * pixels + i]!;
  });
  const pinned = new Uint8Array(network.units);
  pinned.set(known);
  const rates = await averagedRates(session, "completing", { ...dynamics, pinned }, work);
  return pixelStates(rates, network.labelUnits);
}
