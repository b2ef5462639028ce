// A judge of generated digits: a small convolutional network with eleven classes, the ten digits and junk,
// because statistics of pixels can be right where nothing can be read. How it was trained, and how to train
// it again: tooling/judge/train.py.
import { LangevinError } from "@neural-langevin/core";
import { weights } from "./digit-judge-weights.generated.js";
import { type LayerSums, layerSums } from "./linear-layer.js";
import type { PointSet } from "./points.js";

/** Classes of the judge: the digits 0 to 9, and 10 for junk. */
export const JUDGE_CLASSES = 11;
/** Features of the judge: its last layer but one, in which Fréchet distances are measured. */
export const JUDGE_FEATURES = 64;
/** Pixels that the judge looks at, 28 × 28. */
const PIXELS = 784;

/** What the judge sees in some images. */
export interface DigitJudgement {
  /** Probabilities of the digits 0 to 9 and of junk, shape [count][11]. */
  readonly probabilities: Float64Array;
  /** Activities of the last layer but one, none below 0, shape [count][64]. */
  readonly features: PointSet;
}

/** A convolution of square maps, shape [row][column][channel]; so its inputs are ordered too. */
interface Convolution {
  readonly sums: LayerSums;
  readonly size: number;
  readonly channels: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

let network: { convolutions: Convolution[]; hidden: LayerSums; classes: LayerSums } | undefined;

/**
 * Judges images by what they show. Black is −1 and white 1, as the firing rates tanh x of a machine that
 * learned MNIST; other units than pixels are to be left out.
 *
 * The network sums in float64 in a fixed order and calls no function that platforms compute differently: its
 * results are the same bits everywhere.
 *
 * @param images shape [count][784], digits placed as MNIST places them
 * @throws wrong-length (other sizes than 28 × 28), invalid-value (values beyond ±1)
 */
export function judgeDigits(images: PointSet): DigitJudgement {
  const { values, count, dimension } = images;
  if (dimension !== PIXELS) {
    throw new LangevinError(
      "wrong-length",
      `The judge reads digits of 28 × 28 pixels, not images of ${dimension} values.`,
      "Compare other data by adversarial accuracy and covariances.",
    );
  }
  const beyond = values.findIndex((value) => Math.abs(value) > 1);
  if (beyond >= 0) {
    throw new LangevinError(
      "invalid-value",
      `images[${beyond}] is ${values[beyond]}; the judge takes values from −1 (black) to 1 (white).`,
      "Take the firing rates tanh x of states.",
    );
  }
  network ??= readNetwork();
  const { convolutions, hidden, classes } = network;
  const features = new Float64Array(count * JUDGE_FEATURES);
  const probabilities = new Float64Array(count * JUDGE_CLASSES);
  for (let image = 0; image < count; image++) {
    let maps: Float64Array = Float64Array.from(
      values.subarray(image * PIXELS, (image + 1) * PIXELS),
    );
    for (const convolution of convolutions) {
      maps = rectified(convolution.sums(patches(convolution, maps)));
    }
    const seen = rectified(hidden(maps));
    features.set(seen, image * JUDGE_FEATURES);
    probabilities.set(softmax(classes(seen)), image * JUDGE_CLASSES);
  }
  return { probabilities, features: { values: features, count, dimension: JUDGE_FEATURES } };
}

/** The layers from the file that the training wrote. */
function readNetwork(): NonNullable<typeof network> {
  const bytes = Uint8Array.from(atob(weights), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  let place = 0;
  const layer = (outputs: number, inputs: number, rows = 1): LayerSums => {
    const floats = () =>
      Float64Array.from({ length: outputs }, (_, at) => {
        return view.getFloat32(place + 4 * at, true);
      });
    const scales = floats();
    place += 4 * outputs;
    const bias = floats();
    place += 4 * outputs;
    const whole = new Int8Array(bytes.buffer, place, outputs * inputs);
    place += whole.length;
    const weights = Float64Array.from(
      whole,
      (value, at) => value * scales[Math.floor(at / inputs)]!,
    );
    return layerSums({ weights, bias }, rows);
  };
  const convolution = (outputs: number, shape: Omit<Convolution, "sums">): Convolution => ({
    ...shape,
    sums: layer(outputs, shape.channels * shape.kernel ** 2, placesOf(shape) ** 2),
  });
  return {
    convolutions: [
      convolution(16, { size: 28, channels: 1, kernel: 5, stride: 2, padding: 2 }),
      convolution(24, { size: 14, channels: 16, kernel: 3, stride: 2, padding: 1 }),
      convolution(40, { size: 7, channels: 24, kernel: 3, stride: 1, padding: 0 }),
    ],
    hidden: layer(JUDGE_FEATURES, 25 * 40),
    classes: layer(JUDGE_CLASSES, JUDGE_FEATURES),
  };
}

/** Places of a convolution along a side. */
const placesOf = ({ size, kernel, stride, padding }: Omit<Convolution, "sums">): number =>
  Math.floor((size + 2 * padding - kernel) / stride) + 1;

/** What a convolution sees at every place, 0 beyond the border, shape [row][column][inputs]. */
function patches(convolution: Convolution, maps: Float64Array): Float64Array {
  const { size, channels, kernel, stride, padding } = convolution;
  const places = placesOf(convolution);
  const seen = new Float64Array(places * places * kernel * kernel * channels);
  let to = 0;
  for (let row = 0; row < places; row++) {
    for (let column = 0; column < places; column++) {
      const x = column * stride - padding;
      const [left, right] = [Math.max(0, -x), Math.min(kernel, size - x)];
      for (let y = row * stride - padding; y < row * stride - padding + kernel; y++) {
        if (y >= 0 && y < size) {
          const from = (y * size + x) * channels;
          for (let at = left * channels; at < right * channels; at++) {
            seen[to + at] = maps[from + at]!;
          }
        }
        to += kernel * channels;
      }
    }
  }
  return seen;
}

/** max(0, y), in place. */
function rectified(values: Float64Array): Float64Array {
  for (let at = 0; at < values.length; at++) if (!(values[at]! > 0)) values[at] = 0;
  return values;
}

function softmax(values: Float64Array): Float64Array {
  const largest = values.reduce((a, b) => Math.max(a, b));
  const powers = values.map((value) => exponential(value - largest));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/** eˣ for x ≤ 0 to 12 digits, by its series at x/1024 and ten squares; Math.exp differs between platforms. */
function exponential(x: number): number {
  const small = Math.max(x, -700) / 1024;
  let power = 1;
  for (let term = 18; term > 0; term--) power = 1 + (power * small) / term;
  for (let square = 0; square < 10; square++) power *= power;
  return power;
}
