// The digits that a training learned and kept back, as the judge of digits compares with them.
import { points, type RealDigits, realDigits } from "@neural-langevin/analysis";
import { type DataSet, encodeImages, ratesOfStates } from "@neural-langevin/datasets";
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
}: TrainingData<DataSet>): RealDigits =>
  realDigits({
    heldOut: points(heldOutRates, pixels),
    labels: heldOut.labels!,
    training: points(ratesOfStates(encodeImages(training, encoding)), pixels),
    classes: [...new Set(training.labels)].sort((a, b) => a - b),
  });
