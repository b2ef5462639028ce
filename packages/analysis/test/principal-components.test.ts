// Principal components against known eigenvalues and an exact case.
import { describe, expect, it } from "vitest";
import { principalComponents } from "../src/index.js";
import { codeOf, fixture, set } from "./known.js";

describe("principal components", () => {
  it("have the known variances", () => {
    const { real, pcaEigenvalues } = fixture("metrics");
    const all = principalComponents(set(real), 8);
    all.variances.forEach((variance, at) => {
      expect(variance).toBeCloseTo(pcaEigenvalues[at], 12);
    });
    expect(all.totalVariance).toBeCloseTo(
      pcaEigenvalues.reduce((sum: number, value: number) => sum + value, 0),
      12,
    );
  });

  it("are the axes of a cross", () => {
    const cross = set([
      [4, 4],
      [2, 2],
      [3.5, 2.5],
      [2.5, 3.5],
    ]);
    const { mean, components, variances, project } = principalComponents(cross, 2);
    expect([...mean]).toEqual([3, 3]);
    expect([...variances].map((value) => Math.round(value * 1e12) / 1e12)).toEqual(
      [4 / 3, 1 / 3].map((value) => Math.round(value * 1e12) / 1e12),
    );
    expect(Math.abs(components[0]!)).toBeCloseTo(Math.SQRT1_2, 14);
    expect(components[0]).toBeCloseTo(components[1]!, 14);
    expect(components[2]).toBeCloseTo(-components[3]!, 14);
    expect(project(cross)[0]).toBeCloseTo(Math.SQRT2, 14);
    expect(project(cross)[1]).toBeCloseTo(0, 14);
  });

  it("hold all of a point's coordinates when all are taken", () => {
    const { real } = fixture("metrics") as { real: number[][] };
    const { mean, components, project } = principalComponents(set(real), 8);
    const coordinates = project(set(real));
    real.forEach((row, point) => {
      row.forEach((value, i) => {
        let back = mean[i]!;
        for (let k = 0; k < 8; k++) back += coordinates[point * 8 + k]! * components[k * 8 + i]!;
        expect(back).toBeCloseTo(value, 12);
      });
    });
  });

  it("cannot be more than the dimensions", () => {
    expect(codeOf(() => principalComponents(set([[1], [2]]), 2))).toBe("invalid-value");
  });
});
