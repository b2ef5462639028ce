// How the page writes numbers: one minus sign, and none before zeros.
import { describe, expect, it } from "vitest";
import { fixed, numberText, signed } from "../src/parts/number-text.js";

describe("numbers of the page", () => {
  it("carry one minus sign, also in their powers of ten", () => {
    expect(numberText(-2500)).toBe("−2500");
    expect(numberText(-25_000)).toBe("−25k");
    expect(numberText(-2.5e7)).toBe("−25M");
    expect(numberText(-1e-4)).toBe("−1e−4");
    expect(fixed(-1.255, 1)).toBe("−1.3");
    expect(signed(-0.5, 2)).toBe("−0.50");
  });

  it("have no sign where nothing but zeros is left of them", () => {
    for (const write of [fixed, signed]) {
      expect(write(-0.004, 2)).toBe("0.00");
      expect(write(0.004, 2)).toBe("0.00");
    }
    expect(fixed(-0.006, 2)).toBe("−0.01");
    expect(signed(0.006, 2)).toBe("+0.01");
  });

  it("are a dash where there is none", () => {
    expect([numberText(Number.NaN), fixed(undefined, 1), signed(undefined, 1)]).toEqual([
      "–",
      "–",
      "–",
    ]);
  });
});
