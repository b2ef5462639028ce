// Choosing, encoding and damaging images.

import type { LangevinError } from "@neural-langevin/core";
import { isLangevinError } from "@neural-langevin/core";
import { describe, expect, it } from "vitest";
import {
  addNoise,
  decodeStates,
  encodeImages,
  eraseRectangle,
  greyLevels,
  type ImageSet,
  imageOrder,
  pickImages,
  ratesOfStates,
  replaceUnits,
  selectImages,
  takeImages,
} from "../src/index.js";

const set: ImageSet = {
  width: 1,
  height: 1,
  count: 100,
  pixels: Uint8Array.from({ length: 100 }, (_, i) => i),
  labels: Uint8Array.from({ length: 100 }, (_, i) => i % 4),
  source: "a hundred images",
};
const errorOf = (work: () => unknown): LangevinError => {
  try {
    work();
  } catch (error) {
    if (isLangevinError(error)) return error;
  }
  throw new Error("no LangevinError was thrown");
};

describe("a selection", () => {
  it("takes each wanted image once and shares none between its two parts", () => {
    const { training, heldOut } = selectImages(set, { labels: [1, 3], heldOut: 10, seed: 1 });
    const all = [...training.pixels, ...heldOut.pixels].sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: 50 }, (_, i) => 2 * i + 1));
    expect(heldOut.count).toBe(10);
    for (const part of [training, heldOut]) {
      expect([...part.labels!]).toEqual([...part.pixels].map((pixel) => pixel % 4));
    }
  });

  it("may be moved to the beginning of the set's own memory", () => {
    const two = { ...set, width: 2, pixels: Uint8Array.from({ length: 200 }, (_, at) => at) };
    const orders = Array.from({ length: 40 }, (_, seed) => imageOrder(two, { seed }));
    // All of them, which move in circles, and some, which leave places free; few, and one twice, which are copied.
    const selections = orders.map((order, at) => order.slice(at % 10, 100 - 2 * at));
    for (const places of [...orders, ...selections, [3, 3, ...orders[0]!.slice(0, 80)]]) {
      const taken = takeImages({ ...two, pixels: two.pixels.slice() }, places);
      expect(taken).toEqual(pickImages(two, places));
    }
  });

  it("is decided by its seed, and keeps the same images back however many are trained on", () => {
    const take = (images: number, seed: number) => selectImages(set, { images, heldOut: 10, seed });
    expect(take(20, 1)).toEqual(take(20, 1));
    expect(take(20, 1).heldOut.pixels).toEqual(take(90, 1).heldOut.pixels);
    expect([...take(20, 1).training.pixels]).toEqual([...take(90, 1).training.pixels.slice(0, 20)]);
    expect(take(20, 2).training.pixels).not.toEqual(take(20, 1).training.pixels);
  });

  it("of floats keeps them", () => {
    const floats = { ...set, pixels: Float32Array.from(set.pixels, (level) => level / 255) };
    const { training } = selectImages(floats, { images: 20, heldOut: 10, seed: 1 });
    const levels = selectImages(set, { images: 20, heldOut: 10, seed: 1 }).training.pixels;
    expect(training.pixels).toEqual(Float32Array.from(levels, (level) => level / 255));
    expect(greyLevels(training.pixels)).toEqual(levels);
  });

  it("that asks for what is not there is refused", () => {
    const missing = errorOf(() => selectImages(set, { labels: [7], heldOut: 1, seed: 1 }));
    expect(missing.message).toMatch(/no image with the label 7/);
    expect(missing.remedy).toBe("Its labels are 0, 1, 2, 3.");
    const many = errorOf(() =>
      selectImages(set, { labels: [1], images: 20, heldOut: 10, seed: 1 }),
    );
    expect(many.message).toBe(
      "10 images cannot be kept back and 20 learned: a hundred images has only 25 with the labels 1.",
    );
    const all = errorOf(() => selectImages(set, { heldOut: 256, seed: 1 }));
    expect(all.message).toMatch(
      /256 images cannot be kept back and at least one learned: .* has only 100\.$/,
    );
    const named = { ...set, classes: ["ant", "bee", "cat", "dog"] };
    expect(errorOf(() => selectImages(named, { labels: [7], heldOut: 1, seed: 1 })).remedy).toBe(
      "Its labels are 0 (ant), 1 (bee), 2 (cat), 3 (dog).",
    );
    const bare = { ...set, labels: undefined };
    const unlabelled = errorOf(() => selectImages(bare, { labels: [1], heldOut: 0, seed: 1 }));
    expect(unlabelled.code).toBe("invalid-value");
    expect(unlabelled.message).toBe("a hundred images has no labels to choose from.");
    expect(unlabelled.remedy).toMatch(/as labels-file/);
    expect(errorOf(() => selectImages(set, { heldOut: 100, seed: 1 })).code).toBe("invalid-value");
  });
});

describe("encoding", () => {
  it("is x = atanh(clip(2p − 1, ±0.97))", () => {
    const [black, dark, white] = encodeImages({ pixels: Uint8Array.of(0, 51, 255) });
    expect(black).toBeCloseTo(Math.atanh(-0.97), 6);
    expect(dark).toBeCloseTo(Math.atanh(-0.6), 6);
    expect(white).toBeCloseTo(Math.atanh(0.97), 6);
  });

  it("of levels and of the same pixels as floats differs by the rounding of floats alone", () => {
    const levels = Uint8Array.from({ length: 256 }, (_, level) => level);
    const exact = Float32Array.from(levels, (level) =>
      Math.atanh(Math.min(Math.max((2 * level) / 255 - 1, -0.97), 0.97)),
    );
    expect(encodeImages({ pixels: levels })).toEqual(exact);
    const floats = encodeImages({ pixels: Float32Array.from(levels, (level) => level / 255) });
    // The largest slope of atanh within ±0.97 is 1/(1 − 0.97²) = 17, and 2p is rounded by 2⁻²⁴.
    for (const [at, state] of floats.entries()) {
      expect(Math.abs(state - exact[at]!)).toBeLessThan(17 * 2 ** -24 + 2 ** -23);
    }
  });

  it("is undone by reading the image, but for what was clipped", () => {
    const pixels = Uint8Array.from({ length: 256 }, (_, level) => level);
    const read = decodeStates(encodeImages({ pixels }));
    expect(read).toEqual(pixels.map((level) => Math.min(Math.max(level, 4), 251)));
  });

  it("is compared in firing rates", () => {
    expect([...ratesOfStates(Float32Array.of(0, 50))]).toEqual([0, 1]);
  });
});

describe("corruption", () => {
  const states = encodeImages({ pixels: new Uint8Array(3 * 784).fill(255) });

  it("replaces the share of units that it says, others in every image", () => {
    const { states: damaged, changed } = replaceUnits(states, 784, { fraction: 0.25, seed: 1 });
    const masks = [0, 1, 2].map((image) => changed.slice(image * 784, (image + 1) * 784));
    for (const mask of masks) expect(mask.reduce((a, b) => a + b)).toBe(196);
    expect(masks[0]).not.toEqual(masks[1]);
    damaged.forEach((value, at) => {
      if (!changed[at]) expect(value).toBe(states[at]);
    });
    const rates = [...ratesOfStates(damaged)].filter((_, at) => changed[at]);
    expect(Math.max(...rates.map(Math.abs))).toBeLessThanOrEqual(0.97);
    // The mean of 588 rates uniform in ±0.97 has the standard deviation 0.97/√(3·588).
    expect(Math.abs(rates.reduce((a, b) => a + b) / rates.length)).toBeLessThan(4 * 0.0231);
    expect(replaceUnits(states, 784, { fraction: 0.25, seed: 1 }).states).toEqual(damaged);
    expect(errorOf(() => replaceUnits(states, 784, { fraction: 2, seed: 1 })).code).toBe(
      "invalid-value",
    );
  });

  it("erases a rectangle and nothing else", () => {
    const size = { width: 28, height: 28 };
    const area = { left: 20, top: 3, width: 8, height: 2 };
    const { states: damaged, changed } = eraseRectangle(states, size, area);
    expect(changed.reduce((a, b) => a + b)).toBe(3 * 16);
    expect(damaged[3 * 28 + 20]).toBeCloseTo(Math.atanh(-0.97), 6);
    expect(damaged[5 * 28 + 20]).toBe(states[0]);
    expect(changed[784 + 4 * 28 + 27]).toBe(1);
    const outside = { ...area, left: 21 };
    expect(errorOf(() => eraseRectangle(states, size, outside)).code).toBe("invalid-value");
  });

  it("adds noise of the standard deviation that it says", () => {
    const { states: damaged } = addNoise(states, 784, { standardDeviation: 0.5, seed: 1 });
    const moments = damaged.reduce((sum, value, at) => sum + (value - states[at]!) ** 2, 0);
    expect(Math.sqrt(moments / damaged.length)).toBeCloseTo(0.5, 1);
  });
});
