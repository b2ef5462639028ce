// Units beyond the pixels that carry an image's label, so that one machine learns images and labels together: pinned,
// they ask for a label; free, they say what the machine sees.
import { type LabelKinds, type LabelUnits, LangevinError } from "@neural-langevin/core";
import { requireInteger, requireLength } from "@neural-langevin/core/backend";
import { kindInTurn, nearestKind } from "./label-kinds.js";

export type { LabelKinds, LabelUnits };

/** The current x of a label unit: tanh 2 = 0.96, about as far as the brightest pixel. */
export const LABEL_CURRENT = 2;

/**
 * Label units for some labels, in ascending order.
 *
 * @throws invalid-value
 */
export function labelUnits(
  pixels: number,
  labels: Iterable<number>,
  copies: number,
  current = LABEL_CURRENT,
): LabelUnits {
  requireInteger("pixels", pixels, 1);
  requireInteger("copies", copies, 1);
  const distinct = [...new Set(labels)].sort((a, b) => a - b);
  if (distinct.length < 2) {
    throw new LangevinError(
      "invalid-value",
      `Label units tell labels apart, but there ${distinct.length === 1 ? `is only the label ${distinct[0]}` : "are no labels"}.`,
      "Name images with at least two labels, or learn without label units.",
    );
  }
  return { pixels, labels: distinct, copies, current };
}

/** Kinds of images that each label has. */
export const kindsOfLabel = ({ kinds }: Pick<LabelUnits, "kinds">): number => kinds?.count ?? 1;

/** Units of a copy: labels · kinds. */
const unitsOfCopy = (layout: LabelUnits): number => layout.labels.length * kindsOfLabel(layout);

/** Number of units N: pixels + labels · kinds · copies. */
export const unitsWithLabels = (layout: LabelUnits): number =>
  layout.pixels + unitsOfCopy(layout) * layout.copies;

/**
 * Appends label units to the states of images, each of the kind that it is nearest to.
 *
 * @param states x of the pixels, shape [count][pixels]
 * @param labels of the images, shape [count]
 * @returns shape [count][N]
 * @throws wrong-length; invalid-value, for a label that has no unit
 */
export function appendLabels(
  states: Float32Array,
  labels: ArrayLike<number>,
  layout: LabelUnits,
): Float32Array {
  const { pixels } = layout;
  const units = unitsWithLabels(layout);
  requireLength("states", states, labels.length * pixels);
  const whole = new Float32Array(labels.length * units);
  for (let row = 0; row < labels.length; row++) {
    whole.set(states.subarray(row * pixels, (row + 1) * pixels), row * units);
    setLabel(whole.subarray(row * units, (row + 1) * units), labels[row]!, layout);
  }
  return whole;
}

/**
 * The pixels of states, without their label units.
 *
 * @param states shape [count][N]
 * @returns shape [count][pixels]
 */
export function pixelStates(states: Float32Array, layout: LabelUnits | undefined): Float32Array {
  if (!layout) return states;
  const { pixels } = layout;
  const units = unitsWithLabels(layout);
  const count = states.length / units;
  const result = new Float32Array(count * pixels);
  for (let row = 0; row < count; row++) {
    result.set(states.subarray(row * units, row * units + pixels), row * pixels);
  }
  return result;
}

/**
 * Gives a state the label units of a label, in place.
 *
 * @param state x, shape [N]
 * @param kind of the label's images, from 0; the one that the state's pixels are nearest to unless given
 * @throws invalid-value, for a label that has no unit
 */
export function setLabel(
  state: Float32Array,
  label: number,
  layout: LabelUnits,
  kind?: number,
): void {
  const { pixels, copies, current } = layout;
  const at = placeOfLabel(label, layout);
  const own = at * kindsOfLabel(layout) + (kind ?? nearestKind(state, at, layout));
  const each = unitsOfCopy(layout);
  for (let unit = 0; unit < copies * each; unit++) {
    state[pixels + unit] = unit % each === own ? current : -current;
  }
}

/**
 * Gives the state of a chain the label units that ask for a label: chains take the labels in turn, and those that are
 * asked for the same label take its kinds as often as their shares say, by their place among the chains alone.
 *
 * @param state x, shape [N]
 * @param chain its place among the chains
 * @param labels that are asked for, a label more than once where it is asked for more often
 * @throws invalid-value, for a label that has no unit
 */
export function askForLabel(
  state: Float32Array,
  chain: number,
  labels: readonly number[],
  layout: LabelUnits,
): void {
  const label = labels[chain % labels.length]!;
  const among = (some: readonly number[]) => some.filter((one) => one === label).length;
  const round = Math.floor(chain / labels.length);
  const turn = round * among(labels) + among(labels.slice(0, chain % labels.length));
  setLabel(state, label, layout, kindInTurn(turn, placeOfLabel(label, layout), layout));
}

function placeOfLabel(label: number, layout: LabelUnits): number {
  const at = layout.labels.indexOf(label);
  if (at >= 0) return at;
  throw new LangevinError(
    "invalid-value",
    `The machine has no unit for the label ${label}.`,
    `Its labels are ${layout.labels.join(", ")}.`,
  );
}

/** What the labels are called, in their order: by their names where they have some, else by their numbers. */
export const namesOfLabels = ({ names, labels }: LabelUnits): readonly string[] =>
  names ?? labels.map(String);

/** What a label is called; a label without a unit by its number. */
export const nameOfLabel = (label: number, layout: LabelUnits): string =>
  layout.names?.[layout.labels.indexOf(label)] ?? String(label);

/** Marks label units with 1, shape [N]: pinned, they ask for a label. */
export const labelMask = (layout: LabelUnits): Uint8Array =>
  new Uint8Array(unitsWithLabels(layout)).fill(1, layout.pixels);

/** Marks pixels with 1, shape [N]: pinned, the machine says what it sees. */
export const pixelMask = (layout: LabelUnits): Uint8Array =>
  new Uint8Array(unitsWithLabels(layout)).fill(1, 0, layout.pixels);

/**
 * The mean of every label over the copies of its unit, and the largest of them where it has several kinds: of firing rates,
 * how sure a machine is of each label.
 *
 * @param values states x or firing rates, shape [count][N]
 * @returns shape [count][labels]
 */
export function labelRates(values: Float32Array, layout: LabelUnits): Float32Array {
  const { pixels, labels, copies } = layout;
  const [units, kinds, each] = [unitsWithLabels(layout), kindsOfLabel(layout), unitsOfCopy(layout)];
  const meanOf = (first: number) => {
    let sum = 0;
    for (let copy = 0; copy < copies; copy++) sum += values[first + copy * each]!;
    return sum / copies;
  };
  return Float32Array.from({ length: (values.length / units) * labels.length }, (_, at) => {
    const row = Math.floor(at / labels.length);
    const first = row * units + pixels + (at % labels.length) * kinds;
    return Math.max(...Array.from({ length: kinds }, (_, kind) => meanOf(first + kind)));
  });
}

/**
 * Reads labels back: for every state the label with the largest of `labelRates`.
 *
 * @param values states x or firing rates, shape [count][N]
 * @returns shape [count]
 */
export function readLabels(values: Float32Array, layout: LabelUnits): Uint8Array {
  const { labels } = layout;
  const means = labelRates(values, layout);
  return Uint8Array.from({ length: means.length / labels.length }, (_, row) => {
    const own = means.subarray(row * labels.length, (row + 1) * labels.length);
    return labels[own.indexOf(Math.max(...own))]!;
  });
}
