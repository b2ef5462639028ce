// Numbers that are missing from data (NaN): what stands in their place, and which are known. A training pins the known ones
// and samples the others.
import { badFile, type DataSet, isImageSet, sizeOf, valuesOf } from "./data-set.js";

/** Whether any number of data is missing. */
export function hasMissing(set: DataSet): boolean {
  const values = valuesOf(set);
  if (values instanceof Uint8Array) return false;
  // A plain loop: a callback for every number would take ten times as long.
  for (let at = 0; at < values.length; at++) if (Number.isNaN(values[at])) return true;
  return false;
}

/** Marks with 1 the samples of which no number is missing, shape [count]. */
export function wholeSamples(set: DataSet): Uint8Array {
  const values = valuesOf(set);
  const size = sizeOf(set);
  const whole = new Uint8Array(set.count).fill(1);
  for (let at = 0; at < values.length; at++) {
    if (Number.isNaN(values[at])) whole[Math.floor(at / size)] = 0;
  }
  return whole;
}

/**
 * Puts the mean of the known numbers of its place where a number is missing.
 *
 * @returns the filled data, and 1 where a number is known, shape [count][size]; the data themselves and undefined where
 *   none is missing
 * @throws bad-file, for a place that has no number in any sample
 */
export function fillMissing<Set extends DataSet>(
  set: Set,
): { readonly set: Set; readonly known: Uint8Array | undefined } {
  if (!hasMissing(set)) return { set, known: undefined };
  const values = valuesOf(set);
  const size = sizeOf(set);
  const known = new Uint8Array(values.length);
  const count = new Float64Array(size);
  const sum = new Float64Array(size);
  for (let at = 0; at < values.length; at++) {
    if (Number.isNaN(values[at])) continue;
    known[at] = 1;
    count[at % size]!++;
    sum[at % size]! += values[at]!;
  }
  const empty = count.indexOf(0);
  if (empty >= 0) {
    const column = (!isImageSet(set) && set.columns?.[empty]) || `at place ${empty}`;
    throw badFile(
      set.source,
      `has no value of the number ${column} in any of the ${set.count} samples to learn`,
      "Leave it out.",
    );
  }
  const filled = new Float32Array(values.length);
  for (let at = 0; at < filled.length; at++) {
    filled[at] = known[at] === 1 ? values[at]! : sum[at % size]! / count[at % size]!;
  }
  const own = isImageSet(set) ? { pixels: filled } : { values: filled };
  return { set: { ...set, ...own }, known };
}
