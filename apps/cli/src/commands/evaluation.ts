// Generated images against real ones that training never saw, under the names that results carry.
import { classMix, points, quality } from "@neural-langevin/analysis";
import { encodeImages, pickImages, ratesOfStates } from "@neural-langevin/datasets";
import type { TrainingData } from "@neural-langevin/runs";
import { type DigitMeasures, isMnist, measureDigits, realDigits } from "./digit-measures.js";

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
  /** What the images show, for digits of MNIST; undefined for other images, which its judge cannot read. */
  readonly digits: DigitMeasures | undefined;
  /** Share of every label by 5 nearest training images; absent where there are no labels. */
  readonly classes: Readonly<Record<string, number>> | undefined;
}

/** Training images that vote on the class of a generated one. */
const VOTERS = 3000;

/** Measures generated states of pixels, shape [images][pixels], in firing rates. */
export function evaluate(states: Float32Array, data: TrainingData): Evaluation {
  const { pixels, heldOut, heldOutRates, training } = data;
  const images = Math.min(states.length / pixels, heldOut.count);
  const rates = ratesOfStates(states.subarray(0, images * pixels));
  const generated = points(rates, pixels);
  const measured = quality(generated, points(heldOutRates, pixels));
  const voters = Array.from({ length: Math.min(VOTERS, training.count) }, (_, place) => place);
  const chosen = pickImages(training, voters);
  const references = points(ratesOfStates(encodeImages(chosen)), pixels);
  const mix = chosen.labels && classMix(generated, references, chosen.labels);
  return {
    images,
    A_S: measured.realAccuracy,
    A_T: measured.generatedAccuracy,
    AAI: measured.adversarialError,
    covarianceError: measured.covarianceError,
    digits: isMnist(training) ? measureDigits(rates, realDigits(data)) : undefined,
    classes: mix && Object.fromEntries(mix.shares),
  };
}
