// Missing numbers: refused with their place, or kept, told apart, and replaced by what is known of their place.
import { describe, expect, it } from "vitest";
import {
  encodeImages,
  encodings,
  fillMissing,
  fitEncoding,
  parseTable,
  samplesOf,
  wholeSamples,
} from "../src/index.js";
import { errorOf } from "./helpers.js";

const { NaN: gap } = Number;
const array = (values: readonly number[], size: number) => ({
  shape: [values.length / size, size],
  values: Float32Array.from(values),
});

describe("missing numbers", () => {
  it("are refused by their place, whatever the numbers mean, unless they are to be kept", async () => {
    for (const kind of ["grey", "real"] as const) {
      const given = array([0.25, 0.5, 1, gap, 0, 1], 2);
      const error = await errorOf(() => samplesOf(given, "a.npy", kind));
      expect(error.code).toBe("bad-file");
      expect(error.message).toMatch(/lacks the number at \[1, 1\]/);
      expect(error.remedy).toMatch(/missing: pin/);
      expect([...wholeSamples(samplesOf(given, "a.npy", kind, "keep"))]).toEqual([1, 0, 1]);
    }
    const infinite = array([1, Number.POSITIVE_INFINITY], 1);
    const error = await errorOf(() => samplesOf(infinite, "a.npy", "real", "keep"));
    expect(error.message).toMatch(/infinite/);
  });

  it("become the mean of what is known of their place, and decide no encoding", () => {
    const set = samplesOf(array([1, 10, gap, 30, 3, gap, 5, 20], 2), "a.npy", "real", "keep");
    const { set: filled, known } = fillMissing(set);
    expect(known && [...known]).toEqual([1, 1, 0, 1, 1, 0, 1, 1]);
    expect("values" in filled && [...filled.values]).toEqual([1, 10, 3, 30, 3, 20, 5, 20]);
    const encoding = fitEncoding(encodings["z-score"], set);
    // The deviation is that of 1, 3, 5 and of 10, 30, 20, not of the filled numbers.
    expect(encoding.parameters.mean).toEqual([3, 20]);
    expect(encoding.parameters.deviation![0]).toBeCloseTo(Math.sqrt(8 / 3), 12);
    expect(encoding.parameters.range).toEqual([1, 30]);
    const states = encodeImages(filled, encoding);
    expect(states[2]).toBe(0);
    expect(states[5]).toBe(0);
    const whole = samplesOf(array([1, 2], 1), "b.npy", "real");
    expect(fillMissing(whole)).toEqual({ set: whole, known: undefined });
  });

  it("are empty cells of tables, also beside grey levels", async () => {
    const text = "a,b\n0,255\n,51\nNA,0\n102,n/a\n";
    expect((await errorOf(() => parseTable(text, "a.csv"))).message).toMatch(
      /lacks the number at line 3, column a/,
    );
    const set = parseTable(text, "a.csv", "grey", { missing: "keep" });
    const expected = [0, 1, gap, 51 / 255, gap, 0, 102 / 255, gap].map(Math.fround);
    expect("values" in set && [...set.values]).toEqual(expected);
  });

  it("of a place that no sample knows are refused by its name", async () => {
    const set = parseTable("a,b\n1,\n2,\n", "a.csv", "real", { missing: "keep" });
    const error = await errorOf(() => fillMissing(set));
    expect([error.code, error.message]).toEqual([
      "bad-file",
      expect.stringMatching(/has no value of the number b in any of the 2 samples/),
    ]);
  });
});
