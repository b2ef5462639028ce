// A machine and what is known about it.
import { encodeImages, type ImageSet, nameOfLabel, setLabel } from "@neural-langevin/datasets";
import { pixelsOf, type StoredNetwork } from "@neural-langevin/runs";
import type { MachineName } from "./settings.js";

/** The size of a machine's images: one pixel is one unit. */
export interface ImageShape {
  readonly width: number;
  readonly height: number;
}

/** What a machine was trained on: digits of MNIST, or images of which some are at hand. */
export type Learned =
  | { readonly kind: "digits"; readonly digits: readonly number[] }
  | { readonly kind: "images"; readonly images: ImageSet };

/** Its pixels come first among its units; label units, where it has some, after them. */
export interface OpenedMachine extends StoredNetwork, ImageShape {
  readonly name: string;
  /** Its name among the machines that the lab brings along. */
  readonly trained?: MachineName;
  /** Undefined when nobody says. */
  readonly learned: Learned | undefined;
  /** Updates of its training; undefined when nobody says. */
  readonly updates: number | undefined;
}

/** All digits of MNIST. */
export const allDigits: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/**
 * States x of all units from those of the pixels. The units of a label that is not known stand where chains begin.
 *
 * @param states shape [count][pixels]
 * @param labels of the states, where they are known
 * @returns shape [count][N]
 */
export function wholeStates(
  machine: StoredNetwork,
  states: Float32Array,
  labels?: ArrayLike<number>,
): Float32Array {
  const { units, labelUnits, sampling } = machine;
  if (!labelUnits) return states;
  const pixels = pixelsOf(machine);
  const count = states.length / pixels;
  const whole = new Float32Array(count * units);
  const mean = sampling?.chainStart?.mean;
  for (let row = 0; row < count; row++) {
    const state = whole.subarray(row * units, (row + 1) * units);
    if (mean) state.set(mean);
    state.set(states.subarray(row * pixels, (row + 1) * pixels));
    const label = labels?.[row];
    if (label !== undefined && labelUnits.labels.includes(label))
      setLabel(state, label, labelUnits);
  }
  return whole;
}

/** What a label is called. */
export const labelName = ({ labelUnits }: StoredNetwork, label: number): string =>
  labelUnits ? nameOfLabel(label, labelUnits) : String(label);

/** Whether labels can stand side by side, as digits and letters can and words cannot. */
export const areShort = (names: readonly string[]): boolean =>
  names.every((name) => name.length <= 2);

/** States x of real images, with the units of their labels. */
export const statesOf = (machine: StoredNetwork, images: ImageSet): Float32Array =>
  wholeStates(machine, encodeImages(images), images.labels);

/** The labels that chains are asked for, in turn: one, every one, or none, which lets them dream freely. */
export function askedLabels({ labelUnits }: StoredNetwork, ask: string): readonly number[] {
  if (!labelUnits || ask === "free") return [];
  const { labels } = labelUnits;
  const one = Number(ask);
  return labels.includes(one) && ask !== "" ? [one] : labels;
}
