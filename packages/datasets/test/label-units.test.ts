// Label units beyond the pixels: the layout, and that what is written is what is read.
import { isLangevinError } from "@neural-langevin/core";
import { describe, expect, it } from "vitest";
import {
  appendLabels,
  labelMask,
  labelUnits,
  pixelMask,
  pixelStates,
  readLabels,
  setLabel,
  unitsWithLabels,
} from "../src/index.js";

const layout = labelUnits(3, [6, 1, 3, 1], 2);
const pixels = Float32Array.of(0.1, 0.2, 0.3, -0.1, -0.2, -0.3);
const codeOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return isLangevinError(error) ? error.code : error;
  }
  return undefined;
};

describe("label units", () => {
  it("follow the pixels copy by copy, ±2, in the order of the labels", () => {
    expect(layout).toEqual({ pixels: 3, labels: [1, 3, 6], copies: 2, current: 2 });
    expect(unitsWithLabels(layout)).toBe(9);
    const [one, six] = [
      [2, -2, -2],
      [-2, -2, 2],
    ];
    expect(appendLabels(pixels, [1, 6], layout)).toEqual(
      Float32Array.of(0.1, 0.2, 0.3, ...one!, ...one!, -0.1, -0.2, -0.3, ...six!, ...six!),
    );
  });

  it("are cut off to see the pixels, and nothing is where there are none", () => {
    expect(pixelStates(appendLabels(pixels, [3, 1], layout), layout)).toEqual(pixels);
    expect(pixelStates(pixels, undefined)).toBe(pixels);
  });

  it("masks cover every unit once", () => {
    const [ofLabels, ofPixels] = [labelMask(layout), pixelMask(layout)];
    expect([...ofLabels]).toEqual([0, 0, 0, 1, 1, 1, 1, 1, 1]);
    expect([...ofLabels].map((one, unit) => one + ofPixels[unit]!)).toEqual(Array(9).fill(1));
  });

  it("are read by the mean over copies", () => {
    const states = appendLabels(pixels, [3, 6], layout);
    expect([...readLabels(states, layout)]).toEqual([3, 6]);
    // One copy of two says 1, but more weakly than the other says 3.
    states.set([0.5, 0, 0], 3);
    expect(readLabels(states, layout)[0]).toBe(3);
    // The same in firing rates, which saturate: the sums of tanh order the labels as those of x do here.
    expect(readLabels(states.map(Math.tanh), layout)[0]).toBe(3);
  });

  it("setLabel asks for a label and leaves the pixels", () => {
    const state = appendLabels(pixels, [1, 1], layout).subarray(0, 9);
    setLabel(state, 6, layout);
    expect(readLabels(state, layout)[0]).toBe(6);
    expect(state.subarray(0, 3)).toEqual(pixels.subarray(0, 3));
  });

  it("refuse an unknown label, one label alone and states of another size", () => {
    expect(codeOf(() => setLabel(new Float32Array(9), 7, layout))).toBe("invalid-value");
    expect(codeOf(() => appendLabels(pixels, [1, 2], layout))).toBe("invalid-value");
    expect(codeOf(() => labelUnits(3, [4, 4], 2))).toBe("invalid-value");
    expect(codeOf(() => labelUnits(3, [1, 2], 0))).toBe("invalid-value");
    expect(codeOf(() => appendLabels(pixels, [1], layout))).toBe("wrong-length");
  });
});
