// Units beyond the pixels that carry an image's label, so that one machine learns images and labels together: pinned,
// they ask for a label; free, they say what the machine sees.
import { type LabelUnits, LangevinError } from "@neural-langevin/core";
import { requireInteger, requireLength } from "@neural-langevin/core/backend";

export type { LabelUnits };

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
      `Label units tell labels apart, and there ${distinct.length === 1 ? `is only the label ${distinct[0]}` : "are no labels"}.`,
      "Name images with at least two labels, or learn without label units.",
    );
  }
  return { pixels, labels: distinct, copies, current };
}

/** Number of units N: pixels + labels · copies. */
export const unitsWithLabels = ({ pixels, labels, copies }: LabelUnits): number =>
  pixels + labels.length * copies;

/**
 * Appends label units to the states of images.
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
 * @throws invalid-value, for a label that has no unit
 */
export function setLabel(state: Float32Array, label: number, layout: LabelUnits): void {
  const { pixels, labels, copies, current } = layout;
  if (!labels.includes(label)) {
    throw new LangevinError(
      "invalid-value",
      `The machine has no unit for the label ${label}.`,
      `Its labels are ${labels.join(", ")}.`,
    );
  }
  for (let at = 0; at < copies * labels.length; at++) {
    state[pixels + at] = labels[at % labels.length] === label ? current : -current;
  }
}

/** Marks label units with 1, shape [N]: pinned, they ask for a label. */
export const labelMask = (layout: LabelUnits): Uint8Array =>
  new Uint8Array(unitsWithLabels(layout)).fill(1, layout.pixels);

/** Marks pixels with 1, shape [N]: pinned, the machine says what it sees. */
export const pixelMask = (layout: LabelUnits): Uint8Array =>
  new Uint8Array(unitsWithLabels(layout)).fill(1, 0, layout.pixels);

/**
 * The mean of every label over the copies of its unit: of firing rates, how sure a machine is of each label.
 *
 * @param values states x or firing rates, shape [count][N]
 * @returns shape [count][labels]
 */
export function labelRates(values: Float32Array, layout: LabelUnits): Float32Array {
  const { pixels, labels, copies } = layout;
  const units = unitsWithLabels(layout);
  return Float32Array.from({ length: (values.length / units) * labels.length }, (_, at) => {
    const first = Math.floor(at / labels.length) * units + pixels + (at % labels.length);
    let sum = 0;
    for (let copy = 0; copy < copies; copy++) sum += values[first + copy * labels.length]!;
    return sum / copies;
  });
}

/**
 * Reads labels back: for every state the label whose units have the largest mean over copies.
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
