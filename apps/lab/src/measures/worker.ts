// Compares generated images with real ones in a thread of its own, so that neither page nor chains wait for it.
import { adversarialAccuracy, classMix, points } from "@neural-langevin/analysis";
import { encodeImages, ratesOfStates } from "@neural-langevin/datasets";
import type { Comparison, MeasuresRequest, References } from "./protocol.js";

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<MeasuresRequest>) => void;
  postMessage(comparison: Comparison): void;
};

let references: (References & { rates: Float32Array }) | undefined;

scope.onmessage = ({ data: request }) => {
  if (request.kind === "references") {
    const rates = ratesOfStates(encodeImages(request.references));
    references = { ...request.references, rates };
  } else if (references) scope.postMessage(compare(references, request.images));
};

function compare(
  { rates, labels, units }: References & { rates: Float32Array },
  images: Uint8Array,
): Comparison {
  const count = Math.min(images.length, rates.length) / units;
  const generated = points(
    Float32Array.from(images.subarray(0, count * units), (level) => (2 * level) / 255 - 1),
    units,
  );
  const real = points(rates.subarray(0, count * units), units);
  const accuracy = adversarialAccuracy(real, generated);
  const { shares } = classMix(generated, points(rates, units), labels);
  return {
    real: accuracy.real,
    generated: accuracy.generated,
    shares: [...shares],
  };
}
