// Compares generated images with real ones in a thread of its own, so that neither page nor chains wait for it.
import {
  adversarialAccuracyEstimate,
  classMix,
  legibility,
  type PointSet,
  points,
  shareEstimate,
} from "@neural-langevin/analysis";
import { encodeImages, ratesOfStates } from "@neural-langevin/datasets";
import type { ComparedImages, MeasuresRequest, ReadImages } from "./protocol.js";

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<MeasuresRequest>) => void;
  postMessage(compared: ComparedImages): void;
};

interface References {
  readonly number: number;
  readonly real: PointSet;
  readonly labels: Uint8Array | undefined;
  readonly digits: readonly number[] | undefined;
}

let references: References | undefined;

/** Neighbours that vote for the label of an image. */
const NEIGHBOURS = 5;

scope.onmessage = ({ data: request }) => {
  if (request.kind === "references") {
    const { number, labels, digits, units } = request;
    references = {
      number,
      labels,
      digits,
      real: points(ratesOfStates(encodeImages(request)), units),
    };
    return;
  }
  // Images of another size are those of a machine whose real images have not come yet.
  if (!references || request.images.length % references.real.dimension > 0) return;
  const { number, real, labels, digits } = references;
  const rates = Float32Array.from(request.images, (level) => (2 * level) / 255 - 1);
  const generated = points(rates, real.dimension);
  // Of `qualityEstimate`, only this: covariances take four times as long, and the chains wait for the processor.
  const count = Math.min(generated.count, real.count);
  const accuracy = adversarialAccuracyEstimate(firstOf(real, count), firstOf(generated, count));
  const votes = labels && real.count >= NEIGHBOURS;
  const shares = votes ? classMix(generated, real, labels, NEIGHBOURS).shares : new Map();
  const { setup, asked } = request;
  scope.postMessage({
    references: number,
    setup,
    realAccuracy: accuracy.real,
    generatedAccuracy: accuracy.generated,
    read: digits && readImages(generated, digits, asked),
    shares,
  });
};

/** Reads the digits of images. */
function readImages(
  generated: PointSet,
  classes: readonly number[],
  asked: readonly number[],
): ReadImages {
  const { count } = generated;
  const { digits, legible, inverted, empty, broken } = legibility(generated, { classes });
  const share = (value: number) => shareEstimate(Math.round(value * count), count);
  const hits = digits.filter((digit, image) => digit === asked[image % asked.length]).length;
  return {
    legible: share(legible),
    asked: asked.length > 0 ? shareEstimate(hits, count) : undefined,
    inverted: share(inverted),
    empty: share(empty),
    broken: share(broken),
  };
}

const firstOf = ({ values, dimension }: PointSet, count: number): PointSet =>
  points(values.subarray(0, count * dimension), dimension);
