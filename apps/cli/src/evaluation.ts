// Generated images against real ones that training never saw.
import { adversarialAccuracy, classMix, covarianceError, points } from "@neural-langevin/analysis";
import { encodeImages, pickImages, ratesOfStates } from "@neural-langevin/datasets";
import type { TrainingData } from "@neural-langevin/runs";

/** Measures of some generated images. */
export interface Evaluation {
  /** Generated images; as many real ones are compared with them. */
  readonly images: number;
  readonly A_S: number;
  readonly A_T: number;
  /** ½[(A_S − ½)² + (A_T − ½)²]. */
  readonly AAI: number;
  /** E⁽²⁾, in firing rates. */
  readonly covarianceError: number;
  /** Share of every label by 5 nearest training images; absent where there are no labels. */
  readonly classes: Readonly<Record<string, number>> | undefined;
}

/** Training images that vote on the class of a generated one. */
const VOTERS = 3000;

/** Measures generated states, shape [images][N], in firing rates. */
export function evaluate(states: Float32Array, data: TrainingData): Evaluation {
  const { units, heldOut, heldOutRates, training } = data;
  const count = Math.min(states.length / units, heldOut.count);
  const generated = points(ratesOfStates(states.subarray(0, count * units)), units);
  const real = points(heldOutRates.subarray(0, count * units), units);
  const accuracy = adversarialAccuracy(real, generated);
  const voters = Array.from({ length: Math.min(VOTERS, training.count) }, (_, place) => place);
  const chosen = pickImages(training, voters);
  const references = points(ratesOfStates(encodeImages(chosen)), units);
  const mix = chosen.labels && classMix(generated, references, chosen.labels);
  return {
    images: count,
    A_S: accuracy.real,
    A_T: accuracy.generated,
    AAI: accuracy.error,
    covarianceError: covarianceError(real, generated),
    classes: mix && Object.fromEntries(mix.shares),
  };
}

/** An evaluation in lines for people. */
export function describeEvaluation(title: string, evaluation: Evaluation): string {
  const { images, A_S, A_T, AAI, classes } = evaluation;
  const mix = Object.entries(classes ?? {}).map(
    ([label, share]) => `${label}: ${Math.round(100 * share)} %`,
  );
  return [
    `${title} (${images} images against ${images} held-out ones)`,
    `  A_S ${A_S.toFixed(3)}  A_T ${A_T.toFixed(3)}  AAI ${AAI.toFixed(4)}  ` +
      `E⁽²⁾ ${evaluation.covarianceError.toFixed(5)}`,
    ...(mix.length > 0 ? [`  classes  ${mix.join("  ")}`] : []),
  ].join("\n");
}
