// What a machine generates along a training with a single model chain, between an untrained machine and real images.
// While the bias is small E(−x) ≈ E(x), and negatives of digits are as likely as digits. They are counted, and quality
// is measured with all of them turned into positives.
import {
  mean,
  negativeShare,
  points,
  type QualityEstimate,
  shareEstimate,
} from "@neural-langevin/analysis";
import { decodeStates, encodeImages, greyLevels, ratesOfStates } from "@neural-langevin/datasets";
import type { FilmRow } from "@neural-langevin/figures";
import { completeSettings } from "@neural-langevin/runs";
import type { ExperimentContext } from "../context.js";
import { estimatesAt, estimatesOf, numbersOfEstimates } from "../estimates.js";
import { imageQuality, qualityMeasures } from "../image-quality.js";
import { paceOf } from "../sampling.js";
import type { AlongTrainingSettings } from "./settings.js";

/** Images of a machine at one update. */
interface UpdatePoint {
  readonly update: number;
  /** Of all images as positives; `negativeShare` is that before. */
  readonly quality: QualityEstimate;
}

export interface AlongTrainingResult {
  /** The training's name, such as `pcd-80`. */
  readonly name: string;
  readonly untrained: UpdatePoint;
  readonly points: readonly UpdatePoint[];
  /** Of images that were kept back. */
  readonly real: QualityEstimate;
  readonly steps: number;
  readonly films: readonly FilmRow[];
  readonly width: number;
  readonly height: number;
}

/** Images that the film shows of each update. */
const SHOWN = 16;

/** Trains and generates; `name` begins the names of stages. */
export async function measure(
  context: ExperimentContext,
  name: string,
  { training, at, chains, steps }: AlongTrainingSettings,
): Promise<AlongTrainingResult> {
  const data = await context.data(training);
  const { units } = data;
  const complete = completeSettings({ seed: context.seed, ...training });
  const machines = [
    { update: 0, ...(await context.initialNetwork(complete, data)) },
    ...(await context.train(name, training, { at, data })),
  ];
  const films: FilmRow[] = [];
  const found: UpdatePoint[] = [];
  for (const { update, couplings, bias } of machines) {
    const columns = await context.sample(`${name}-${update}`, {
      network: { couplings, bias },
      chains,
      at: [steps],
      ...paceOf(complete),
      observe: ({ states }) => ({
        ...numbersOfEstimates({
          ...imageQuality(asPositives(states, units), data),
          negativeShare: negatives(states, units),
        }),
        states: states.slice(0, SHOWN * units),
      }),
    });
    found.push({ update, quality: estimatesAt(qualityMeasures, columns, 0) });
    const pixels = decodeStates(columns.states[0]!, data.encoding);
    films.push({ name: update === 0 ? "untrained" : `update ${update}`, pixels });
  }
  const shown = films[0]!.pixels.length;
  films.push({ name: "real", pixels: greyLevels(data.heldOut.pixels.subarray(0, shown)) });
  const real = await context.value(`${name}-real`, () =>
    numbersOfEstimates(imageQuality(encodeImages(data.heldOut, data.encoding), data)),
  );
  const [untrained, ...rest] = found as [UpdatePoint, ...UpdatePoint[]];
  const { width, height } = data.training;
  return {
    name,
    untrained,
    points: rest,
    real: estimatesOf(qualityMeasures, real),
    steps,
    films,
    width,
    height,
  };
}

/** The share of negatives among states. */
function negatives(states: Float32Array, units: number) {
  const set = points(ratesOfStates(states), units);
  return shareEstimate(Math.round(negativeShare(set) * set.count), set.count);
}

/** Turns images that are brighter than mid-grey, as no digit is, into their negatives. */
export function asPositives(states: Float32Array, units: number): Float32Array {
  const positives = states.slice();
  for (let start = 0; start < states.length; start += units) {
    const image = positives.subarray(start, start + units);
    if (mean(ratesOfStates(image)) > 0) image.set(image.map((x) => -x));
  }
  return positives;
}
