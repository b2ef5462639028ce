// The layers of the judge: the kernel and the loop that does without it give the same bits.
import { describe, expect, it } from "vitest";
import { layerSums, plainSums } from "../src/linear-layer.js";

const values = (length: number, step: number) =>
  Float64Array.from({ length }, (_, at) => Math.sin(at * step) / (1 + (at % 7)));

describe("a linear layer", () => {
  it("is W·x + b of every row", () => {
    const layer = { weights: Float64Array.of(1, 2, 3, 4, 5, 6), bias: Float64Array.of(0.5, -1) };
    const outputs = [14.5, 31, 32.5, 76];
    expect([...layerSums(layer, 2)(Float64Array.of(1, 2, 3, 4, 5, 6))]).toEqual(outputs);
    expect([...plainSums(layer, Float64Array.of(1, 2, 3, 4, 5, 6))]).toEqual(outputs);
  });

  it.each([
    { outputs: 11, width: 64, rows: 1 },
    { outputs: 16, width: 25, rows: 7 },
    { outputs: 40, width: 216, rows: 4 },
  ])("has the same bits with and without the kernel ($outputs, $width, $rows)", (shape) => {
    const { outputs, width, rows } = shape;
    const layer = { weights: values(outputs * width, 0.7), bias: values(outputs, 1.3) };
    const sums = layerSums(layer, rows);
    for (const count of [rows, 1]) {
      const inputs = values(count * width, 0.3 + count);
      expect(sums(inputs)).toEqual(plainSums(layer, inputs));
    }
  });
});
