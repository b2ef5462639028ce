// Images that a trained machine makes from noise, of a label where it has learned labels.
import {
  type Backend,
  type ChainGaussian,
  LangevinError,
  type Session,
  type WorkOptions,
} from "@neural-langevin/core";
import {
  askForLabel,
  type LabelUnits,
  labelMask,
  namesOfLabels,
  pixelStates,
} from "@neural-langevin/datasets";
import { averagedRates, type ChainsPlan, openChains, placeChains } from "./chains.js";
import { dynamicsOf, type GivenDynamics, type TrainedMachine } from "./dynamics.js";
import type { StoredNetwork } from "./machine-file.js";

/** What is generated. */
export interface GenerationPlan extends ChainsPlan {
  /** Labels that are asked for; chains take them and their kinds as `askForLabel` says. None unless given. */
  readonly labels?: readonly number[] | undefined;
  /** The machine's own where it is not given. */
  readonly dynamics?: GivenDynamics | undefined;
}

/**
 * Generates an image by every chain: chains begin where those of training began, with the label units pinned that ask
 * for labels.
 *
 * @returns firing rates of the pixels, averaged as `averagedRates` does, shape [chains][pixels]
 * @throws aborted, diverged; unsupported and invalid-value, for labels that have no unit; wrong-length, not-finite
 */
export async function generate(
  backend: Backend,
  machine: TrainedMachine,
  { labels = [], dynamics: given, ...chains }: GenerationPlan,
  work: WorkOptions = {},
): Promise<Float32Array> {
  const { network } = machine;
  const dynamics = dynamicsOf(machine, given);
  await using session = await openChains(backend, network, chains);
  const pinned = await askForLabels(session, network, dynamics.chainStart, labels);
  const rates = await averagedRates(session, "sampling", { ...dynamics, pinned }, work);
  return pixelStates(rates, network.labelUnits);
}

/**
 * Puts chains where they begin, with the label units that ask for labels.
 *
 * @param labels of the chains, which take turns
 * @returns the units to pin; undefined where no label is asked for
 * @throws unsupported and invalid-value, for labels that have no unit
 */
export async function askForLabels(
  session: Session,
  network: StoredNetwork,
  start: ChainGaussian,
  labels: readonly number[],
): Promise<Uint8Array | undefined> {
  const layout = labels.length > 0 ? requireLabelUnits(network, labels) : undefined;
  await placeChains(session, start, (state, chain) => {
    if (layout) askForLabel(state, chain, labels, layout);
  });
  return layout && labelMask(layout);
}

/**
 * The label units of a machine.
 *
 * @param labels those that are asked for
 * @param name the machine's name, for errors
 * @throws unsupported, for a machine without any; invalid-value, for a label that has no unit
 */
export function requireLabelUnits(
  { labelUnits }: Pick<StoredNetwork, "labelUnits">,
  labels: readonly number[] = [],
  name = "",
): LabelUnits {
  if (!labelUnits) {
    throw new LangevinError(
      "unsupported",
      `${titleOf(name)} has no units for labels: it can neither be asked for one nor name an image.`,
      "Train one with label-units: 10.",
    );
  }
  const unknown = labels.find((one) => !labelUnits.labels.includes(one));
  if (unknown === undefined) return labelUnits;
  throw unknownLabel(String(unknown), labelUnits, name);
}

/**
 * Labels by what they are called, or by their numbers.
 *
 * @param texts names or numbers
 * @param name the machine's name, for errors
 * @throws unsupported, for a machine without any; invalid-value, with the labels that there are
 */
export function labelsByName(
  network: Pick<StoredNetwork, "labelUnits">,
  texts: readonly string[],
  name = "",
): readonly number[] {
  if (texts.length === 0) return [];
  const layout = requireLabelUnits(network, [], name);
  const names = namesOfLabels(layout);
  return texts.map((text) => {
    const label =
      layout.labels[names.indexOf(text)] ?? layout.labels.find((one) => String(one) === text);
    if (label !== undefined) return label;
    throw unknownLabel(text, layout, name);
  });
}

const titleOf = (name: string): string => (name ? `The machine ${name}` : "The machine");

function unknownLabel(label: string, layout: LabelUnits, name: string): LangevinError {
  return new LangevinError(
    "invalid-value",
    `${titleOf(name)} has no unit for the label ${label}.`,
    `Its labels are ${namesOfLabels(layout).join(", ")}.`,
  );
}
