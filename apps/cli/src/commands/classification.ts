// What a machine with label units sees: the pixels of images are pinned, its label units run free, and are read.
import type { Backend } from "@neural-langevin/core";
import { type LabelUnits, pixelMask, readLabels } from "@neural-langevin/datasets";
import type { LoadedNetwork } from "../files/network.js";
import type { Terminal } from "../terminal/terminal.js";
import { openChains } from "./chains.js";
import { averagedRates, dynamicsOf, placeChains } from "./generation.js";

/** Images that are looked at together. */
const TOGETHER = 1000;
/** Steps before labels are read; they follow the pinned pixels within a few units of time. */
export const CLASSIFYING_STEPS = 200;

/**
 * The label that a machine gives every image: pixels pinned, label units free, and their firing rates averaged.
 *
 * @param states x of the pixels, shape [count][pixels]
 * @returns shape [count]
 * @throws aborted, diverged
 */
export async function classify(
  terminal: Terminal,
  backend: Backend,
  machine: Pick<LoadedNetwork, "network" | "settings">,
  {
    layout,
    states,
    seed,
    steps = CLASSIFYING_STEPS,
  }: {
    readonly layout: LabelUnits;
    readonly states: Float32Array;
    readonly seed: number;
    readonly steps?: number | undefined;
  },
): Promise<Uint8Array> {
  const { pixels } = layout;
  const count = states.length / pixels;
  const labels = new Uint8Array(count);
  const dynamics = { ...dynamicsOf(machine), steps };
  for (let first = 0; first < count; first += TOGETHER) {
    const chains = Math.min(TOGETHER, count - first);
    await using session = await openChains(backend, machine.network, { chains, seed, first });
    await placeChains(session, dynamics.chainStart, (state, chain) => {
      state.set(states.subarray((first + chain) * pixels, (first + chain + 1) * pixels));
    });
    const rates = await averagedRates(
      terminal,
      "classifying",
      session,
      dynamics,
      pixelMask(layout),
    );
    labels.set(readLabels(rates, layout), first);
  }
  return labels;
}
