// What is worth saying of data before they are learned.
import { type DataSet, inspectSamples, isImageSet } from "@neural-langevin/datasets";
import type { TrainingSettings } from "@neural-langevin/runs";
import { formatNumber } from "./format.js";

/** Scales that lie further apart than this are worth a word. */
const FAR_APART = 100;
/** Names that are listed. */
const LISTED = 5;

/** What labels in words are called; of numbers, those that are the same in every sample, and scales that lie far apart. */
export function describeData(
  set: DataSet,
  { encoding }: Pick<TrainingSettings, "encoding">,
): string[] {
  const called = (set.classes ?? []).map((name, label) => `${label} ${name}`);
  const labels = called.length > 0 ? [`Labels: ${called.join(", ")}.`] : [];
  if (isImageSet(set)) return labels;
  const { constant, scales } = inspectSamples(set);
  const names = constant.slice(0, LISTED).map((place) => set.columns?.[place] ?? `${place}`);
  const more = constant.length > LISTED ? ", …" : "";
  return [
    ...labels,
    ...(constant.length > 0
      ? [
          `${constant.length} of ${set.values.length / set.count} numbers are the same in every sample: ${names.join(", ")}${more}.`,
        ]
      : []),
    ...(scales > FAR_APART && encoding !== "z-score"
      ? [
          `The numbers of a sample have scales up to ${formatNumber(scales)} times apart; --encoding z-score makes them alike.`,
        ]
      : []),
  ];
}
