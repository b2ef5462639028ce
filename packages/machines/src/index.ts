// Trained machines, with cards that say how each was made and what was measured of it.
import { type LabelUnits, LangevinError } from "@neural-langevin/core";
import { completeSettings, sha256, type TrainedMachine } from "@neural-langevin/runs";
import { readMachineFile } from "#files";
import type { MachineCard } from "./card.js";
import { cards } from "./cards.generated.js";
import { unpackMachine } from "./packed-machine.js";

export type { MachineCard, MeasuredValue } from "./card.js";

/** The cards of all machines. */
export const machineCards: readonly MachineCard[] = cards;

/** A machine of this package, with its card. */
export interface CardedMachine extends TrainedMachine {
  /** How it was made and what was measured of it. */
  readonly card: MachineCard;
  /** Size of its images. */
  readonly image: { readonly width: number; readonly height: number };
}

/**
 * The card of a machine.
 *
 * @throws not-found, with the names that there are
 */
export function machineCard(name: string): MachineCard {
  const card = machineCards.find((one) => one.name === name);
  if (card) return card;
  throw new LangevinError(
    "not-found",
    `There is no machine "${name}" in @neural-langevin/machines.`,
    `Its machines are ${machineCards.map((one) => one.name).join(", ")}.`,
  );
}

/**
 * Reads a machine: its network, and the settings it was trained with. `generate`, `classify` and `complete` of
 * `@neural-langevin/runs` take it as it is; `createMachine` takes its `network`.
 *
 * In browsers its file of less than 700 kB is fetched, from where the bundler put it.
 *
 * @throws not-found, bad-file (the file is not the one of the card), unavailable (it cannot be read or fetched);
 *   wrong-length, unsupported
 */
export async function readMachine(name: string): Promise<CardedMachine> {
  const card = machineCard(name);
  const bytes = await readMachineFile(name);
  // Pages that are not served securely have no Web Crypto, and nothing to hold bytes against.
  if (globalThis.crypto?.subtle && (await sha256(bytes)) !== card.sha256) {
    throw new LangevinError(
      "bad-file",
      `The file of the machine ${name} is not the one that its card describes: its SHA-256 differs.`,
      "Install @neural-langevin/machines again.",
    );
  }
  const network = await unpackMachine(bytes, name);
  return {
    card,
    network: {
      ...network,
      labelUnits: network.labelUnits && withNames(network.labelUnits, card.labels),
      learnedData: card.learned,
    },
    settings: completeSettings(card.settings),
    image: card.image,
  };
}

/** Label units whose labels have names, where these are more than their numbers. */
const withNames = (layout: LabelUnits, names: readonly string[] | undefined): LabelUnits =>
  names?.some((name, at) => name !== String(layout.labels[at])) ? { ...layout, names } : layout;
