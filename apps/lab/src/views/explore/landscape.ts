// The energy of images on the plane of the first two principal components of real images.
import { LARGEST_RATE, setLabel } from "@neural-langevin/datasets";
import { type OpenedMachine, wholeStates } from "../../state/opened-machine.js";
import type { Projection } from "./components.worker.js";

/** Points along each axis. */
export const POINTS = 25;

/** Energies of images on a square of the plane, the first component across and the second up, shape [points²]. */
export interface Landscape {
  readonly reach: number;
  readonly energies: Float64Array;
}

/** States x of the pixels of the image at a place of the plane: atanh of the mean rates and both components. */
export function stateAt(
  { mean, components }: Projection,
  [a, b]: readonly [number, number],
): Float32Array {
  const pixels = mean.length;
  return Float32Array.from(mean, (rate, unit) => {
    const sum = rate + a * components[unit]! + b * components[pixels + unit]!;
    return Math.atanh(Math.min(Math.max(sum, -LARGEST_RATE), LARGEST_RATE));
  });
}

/** The coordinate of a point along an axis. */
const coordinate = (at: number, reach: number): number => reach * ((2 * (at + 0.5)) / POINTS - 1);

/**
 * Measures the landscape; of a machine with labels, under the label that fits best.
 *
 * @param energiesOf E of states x, shape [rows][N]
 * @param gone whether nobody wants it any more
 */
export async function measureLandscape(
  machine: OpenedMachine,
  projection: Projection,
  reach: number,
  energiesOf: (states: Float32Array) => Promise<Float32Array>,
  gone: () => boolean,
): Promise<Landscape | undefined> {
  const { labelUnits, units } = machine;
  const labels = labelUnits?.labels ?? [undefined];
  const energies = new Float64Array(POINTS ** 2);
  for (let row = 0; row < POINTS; row++) {
    const states = new Float32Array(POINTS * labels.length * units);
    for (let column = 0; column < POINTS; column++) {
      const place = [coordinate(column, reach), coordinate(row, reach)] as const;
      const whole = wholeStates(machine, stateAt(projection, place));
      labels.forEach((label, at) => {
        const state = states.subarray((column * labels.length + at) * units).subarray(0, units);
        state.set(whole);
        if (label !== undefined) setLabel(state, label, labelUnits!);
      });
    }
    const found = await energiesOf(states);
    if (gone()) return undefined;
    for (let column = 0; column < POINTS; column++) {
      const own = found.subarray(column * labels.length, (column + 1) * labels.length);
      energies[row * POINTS + column] = Math.min(...own);
    }
  }
  return { reach, energies };
}
