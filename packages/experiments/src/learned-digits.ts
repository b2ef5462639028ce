// The digits that a training learned and kept back, as the judge of digits compares with them.
import { NEAREST_AMONG, points, type RealDigits, realDigits } from "@neural-langevin/analysis";
import { type DataSet, encodeImages, pickImages, ratesOfStates } from "@neural-langevin/datasets";
import type { TrainingData } from "@neural-langevin/runs";

/**
 * Held-out digits of MNIST, judged, and the training images to compare with.
 *
 * @throws what `realDigits` throws: invalid-value, wrong-length, not-finite
 */
export const learnedDigits = ({
  training,
  heldOut,
  heldOutRates,
  pixels,
  encoding,
}: TrainingData<DataSet>): RealDigits => {
  const first = Array.from({ length: Math.min(training.count, NEAREST_AMONG) }, (_, at) => at);
  const among = ratesOfStates(encodeImages(pickImages(training, first), encoding));
  return realDigits({
    heldOut: points(heldOutRates, pixels),
    labels: heldOut.labels!,
    training: points(among, pixels),
    classes: [...new Set(training.labels)].sort((a, b) => a - b),
  });
};
