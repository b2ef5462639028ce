// Which images are used, in which order, and which are kept back.
import { LangevinError, permutation, streams } from "@neural-langevin/core";
import { requireInteger } from "@neural-langevin/core/backend";
import { type DataSet, pickImages, requireLabels } from "./data-set.js";

// Permutations of a training are numbered by epoch; these lie beyond any epoch.
const SELECTION = 2 ** 32;

/** What to take from a set. */
export interface Selection {
  /** Labels to keep; all unless given. */
  readonly labels?: readonly number[] | undefined;
  /** Images to keep back for evaluation. */
  readonly heldOut: number;
  /** Images to train on; all the rest unless given. */
  readonly images?: number | undefined;
  /** Decides the order. */
  readonly seed: number;
}

/** Places of images in a set. */
export interface SelectedPlaces {
  /** Of the images to train on, in the order of the seed. */
  readonly training: number[];
  /** Of the images that are kept back, in the order of the seed. */
  readonly heldOut: number[];
}

/**
 * Takes images of some labels in a seeded order, and splits them: the first `heldOut` are kept back,
 * so they are the same however many are trained on.
 *
 * @throws invalid-value when a label has no image or there are too few images
 */
export function selectImages<Set extends DataSet>(
  set: Set,
  selection: Selection,
): { training: Set; heldOut: Set; places: SelectedPlaces } {
  const places = selectPlaces(set, selection);
  return {
    heldOut: pickImages(set, places.heldOut),
    training: pickImages(set, places.training),
    places,
  };
}

/**
 * The places of the images that `selectImages` takes.
 *
 * @throws invalid-value, as `selectImages`
 */
export function selectPlaces(set: DataSet, selection: Selection): SelectedPlaces {
  const { heldOut, seed, labels } = selection;
  requireInteger("heldOut", heldOut, 0);
  const places = imageOrder(set, { labels, seed });
  const training = selection.images ?? places.length - heldOut;
  if (training < 1 || training + heldOut > places.length) {
    const wanted = selection.images === undefined ? "at least one" : `${training}`;
    const labelled = labels ? ` with the labels ${labels.join(", ")}` : "";
    throw new LangevinError(
      "invalid-value",
      `${heldOut} images cannot be kept back and ${wanted} learned: ${set.source} has only ` +
        `${places.length}${labelled}.`,
      "Keep fewer images back, or train on fewer.",
    );
  }
  return {
    heldOut: places.slice(0, heldOut),
    training: places.slice(heldOut, heldOut + training),
  };
}

/**
 * The places of the images of some labels, or of all, in the order that a seed decides.
 *
 * @throws invalid-value when a label has no image
 */
export function imageOrder(
  set: DataSet,
  { labels, seed }: Pick<Selection, "labels" | "seed">,
): number[] {
  const places = labels ? placesOf(set, labels) : Array.from({ length: set.count }, (_, i) => i);
  const order = permutation({ seed, stream: streams.dataOrder, step: SELECTION }, places.length);
  return Array.from(order, (place) => places[place]!);
}

function placesOf(set: DataSet, labels: readonly number[]): number[] {
  const own = requireLabels(set, "to choose from");
  const there = [...new Set(own)].sort((a, b) => a - b);
  const missing = labels.find((label) => !there.includes(label));
  if (missing !== undefined) {
    throw new LangevinError(
      "invalid-value",
      `${set.source} has no image with the label ${missing}.`,
      `Its labels are ${there.map((label) => nameOf(set, label)).join(", ")}.`,
    );
  }
  return [...own].flatMap((label, place) => (labels.includes(label) ? [place] : []));
}

const nameOf = ({ classes }: DataSet, label: number): string =>
  classes ? `${label} (${classes[label]})` : `${label}`;
