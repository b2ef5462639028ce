// Seeded damage to states, for restoring them. Image i sees the noise of chain i.
import { chainNoise, LangevinError, streams, uniforms } from "@neural-langevin/core";
import { requireInteger, requireNonNegative } from "@neural-langevin/core/backend";
import { LARGEST_RATE } from "./encoding.js";

/** Damaged states, and which units were changed. */
export interface Corrupted {
  /** Shape of the states that were given. */
  readonly states: Float32Array;
  /** 1 where a unit was changed, shape of the states. */
  readonly changed: Uint8Array;
}

const REPLACED = 0;
const VALUES = 1;
const ADDED = 2;

function damage(
  states: Float32Array,
  units: number,
  change: (image: number) => Iterable<readonly [unit: number, value: number]>,
): Corrupted {
  requireInteger("units", units, 1);
  const result = { states: states.slice(), changed: new Uint8Array(states.length) };
  for (let image = 0; image < states.length / units; image++) {
    for (const [unit, value] of change(image)) {
      result.states[image * units + unit] = value;
      result.changed[image * units + unit] = 1;
    }
  }
  return result;
}

/**
 * Replaces round(fraction · N) units of every image, chosen at random, by states whose firing rates are
 * uniform in ±0.97. The paper's restoring (arXiv 2506.23546) replaces 25 %.
 *
 * @param states shape [images][units]
 * @throws invalid-value
 */
export function replaceUnits(
  states: Float32Array,
  units: number,
  options: { fraction: number; seed: number },
): Corrupted {
  const { fraction, seed } = options;
  if (!(fraction >= 0 && fraction <= 1)) {
    throw new LangevinError("invalid-value", `fraction must lie in [0, 1], not ${fraction}.`);
  }
  const source = (step: number) => ({ seed, stream: streams.corruption, step });
  return damage(states, units, (image) => {
    const keys = uniforms(source(REPLACED), image, units);
    const values = uniforms(source(VALUES), image, units);
    const chosen = Array.from(keys.keys()).sort((a, b) => keys[a]! - keys[b]!);
    return chosen
      .slice(0, Math.round(fraction * units))
      .map((unit) => [unit, Math.atanh(LARGEST_RATE * (2 * values[unit]! - 1))] as const);
  });
}

/**
 * Sets a rectangle of every image to black.
 *
 * @param states shape [images][width · height]
 * @throws invalid-value when the rectangle leaves the image
 */
export function eraseRectangle(
  states: Float32Array,
  image: { width: number; height: number },
  area: { left: number; top: number; width: number; height: number },
): Corrupted {
  for (const [name, value] of Object.entries(area)) requireInteger(name, value, 0);
  if (area.left + area.width > image.width || area.top + area.height > image.height) {
    throw new LangevinError(
      "invalid-value",
      `A rectangle of ${area.width} × ${area.height} at (${area.left}, ${area.top}) leaves images ` +
        `of ${image.width} × ${image.height}.`,
    );
  }
  const black = Math.atanh(-LARGEST_RATE);
  return damage(states, image.width * image.height, () =>
    Array.from({ length: area.width * area.height }, (_, at) => {
      const row = area.top + Math.floor(at / area.width);
      return [row * image.width + area.left + (at % area.width), black] as const;
    }),
  );
}

/**
 * Adds Gaussian noise to the states of all units.
 *
 * @param states shape [images][units]
 * @throws invalid-value, wrong-length
 */
export function addNoise(
  states: Float32Array,
  units: number,
  options: { standardDeviation: number; seed: number },
): Corrupted {
  const { standardDeviation, seed } = options;
  requireNonNegative("standardDeviation", standardDeviation);
  return damage(states, units, (image) => {
    const noise = chainNoise({ seed, stream: streams.corruption, step: ADDED }, image, units);
    return Array.from(noise, (value, unit) => {
      return [unit, states[image * units + unit]! + standardDeviation * value] as const;
    });
  });
}
