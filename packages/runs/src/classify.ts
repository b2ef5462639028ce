// What a machine with label units sees: the pixels of images are pinned, its label units run free, and are read.
import type { Backend, WorkOptions } from "@neural-langevin/core";
import { countStates } from "@neural-langevin/core/backend";
import { pixelMask, readLabels } from "@neural-langevin/datasets";
import { averagedRates, openChains, placeChains } from "./chains.js";
import { dynamicsOf, type GivenDynamics, type TrainedMachine } from "./dynamics.js";
import { requireLabelUnits } from "./generate.js";

/** Images that are looked at together. */
const TOGETHER = 1000;
/** Steps before labels are read; they follow the pinned pixels within a few units of time. */
export const CLASSIFYING_STEPS = 200;

/** What is classified. */
export interface ClassificationPlan {
  /** x of the pixels, shape [count][pixels]. */
  readonly states: Float32Array;
  /** Of all noise. */
  readonly seed: number;
  /** The machine's own where it is not given, but for 200 steps. */
  readonly dynamics?: GivenDynamics | undefined;
}

/**
 * The label that a machine gives every image: pixels pinned, label units free, and their firing rates averaged.
 *
 * @returns shape [count]
 * @throws aborted, diverged; unsupported, for a machine without label units; wrong-length, not-finite and invalid-value, for
 *   states and dynamics that cannot be
 */
export async function classify(
  backend: Backend,
  machine: TrainedMachine,
  { states, seed, dynamics: given }: ClassificationPlan,
  work: WorkOptions = {},
): Promise<Uint8Array> {
  const { network } = machine;
  const layout = requireLabelUnits(network);
  const { pixels } = layout;
  const count = countStates(states, pixels);
  const labels = new Uint8Array(count);
  const { chainStart, ...dynamics } = dynamicsOf(machine, {
    ...given,
    steps: given?.steps ?? CLASSIFYING_STEPS,
  });
  const plan = { ...dynamics, pinned: pixelMask(layout) };
  for (let first = 0; first < count; first += TOGETHER) {
    const chains = Math.min(TOGETHER, count - first);
    await using session = await openChains(backend, network, { chains, seed, first });
    await placeChains(session, chainStart, (state, chain) => {
      state.set(states.subarray((first + chain) * pixels, (first + chain + 1) * pixels));
    });
    labels.set(readLabels(await averagedRates(session, "classifying", plan, work), layout), first);
  }
  return labels;
}
