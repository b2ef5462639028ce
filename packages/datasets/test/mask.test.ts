// Parts of an image that are completed, and files of images for a machine of a known size.
import { describe, expect, it } from "vitest";
import {
  decodeRates,
  decodeStates,
  encodeAll,
  encodeImages,
  encodeNpy,
  maskNames,
  namedMask,
  parseImageFile,
  requireMask,
  whiteMask,
} from "../src/index.js";

const SIZE = { width: 4, height: 4 };

it("names halves that are each other's rest, and a centre with a border", () => {
  const [top, bottom, left, right] = ["top", "bottom", "left", "right"].map(
    (name) => namedMask(name, SIZE)!,
  );
  expect([...top!.subarray(0, 8)]).toEqual(new Array(8).fill(1));
  expect(top!.map((one) => 1 - one)).toEqual(bottom);
  expect(left!.map((one) => 1 - one)).toEqual(right);
  const centre = namedMask("center", SIZE)!;
  expect([...centre.keys()].filter((at) => centre[at] === 1)).toEqual([5, 6, 9, 10]);
  // The middle row of three belongs to the lower half.
  expect([...namedMask("top", { width: 1, height: 3 })!]).toEqual([1, 1, 0]);
  expect(namedMask("constructor", SIZE)).toBeUndefined();
  expect(maskNames).toHaveLength(5);
});

it("takes what is white, and refuses nothing and everything", () => {
  expect([...whiteMask(Uint8Array.of(0, 127, 128, 255))]).toEqual([0, 0, 1, 1]);
  expect([...whiteMask(Float32Array.of(0.2, 0.8))]).toEqual([0, 1]);
  requireMask(Uint8Array.of(0, 1), "half.png");
  expect(() => requireMask(new Uint8Array(4), "black.png")).toThrow("black.png covers no pixel");
  expect(() => requireMask(new Uint8Array(4).fill(1), "white.png")).toThrow("every pixel");
});

describe("a file of images", () => {
  const shape = { machine: "m", pixels: 16, image: SIZE };
  const levels = Uint8Array.from({ length: 32 }, (_, at) => 5 * at);

  it("holds one image or several of the machine's size", () => {
    const two = parseImageFile(encodeNpy(levels, [2, 4, 4]), "two.npy", shape);
    expect(two).toMatchObject({ file: "two.npy", format: "NPY", count: 2, ...SIZE });
    const one = parseImageFile(encodeNpy(levels.subarray(16), [4, 4]), "one.npy", shape);
    expect(one.count).toBe(1);
    const states = encodeAll([two, one]);
    expect(states).toHaveLength(48);
    expect(states.subarray(32)).toEqual(encodeImages(one));
    expect(decodeRates(states.map(Math.tanh))).toEqual(decodeStates(states));
  });

  it("of another size is refused", () => {
    const file = encodeNpy(levels, [2, 2, 8]);
    expect(() => parseImageFile(file, "wide.npy", shape)).toThrow(
      "wide.npy has 8 × 2 pixels, but the machine m sees 4 × 4.",
    );
    const unknown = { ...shape, image: undefined };
    expect(parseImageFile(file, "wide.npy", unknown).width).toBe(8);
  });
});
