// Measures against known answers, exact cases and invariances.
import { streams, uniforms } from "@neural-langevin/core";
import { describe, expect, it } from "vitest";
import {
  adversarialAccuracy,
  classEvenness,
  classMix,
  covariance,
  covarianceError,
  mean,
  meanEstimate,
  memorisedShare,
  nearestDistance,
  nearestNeighbours,
  type PointSet,
  points,
  shareEstimate,
} from "../src/index.js";
import { codeOf, fixture, set } from "./known.js";

const known = fixture("metrics") as Record<"real" | "generated" | "nearCopies", number[][]> & {
  adversarialAccuracyOfCopies: object;
  covarianceError: number;
  memorisedFraction: number;
  memorisedFractionGenerated: number;
};
const real = set(known.real);
const generated = set(known.generated);

describe("adversarial accuracy", () => {
  it("has the known value", () => {
    const { error, ...shares } = adversarialAccuracy(real, generated);
    expect(shares).toEqual({ real: 0.6, generated: 0.65 });
    expect(error).toBeCloseTo(0.01625, 12);
  });

  it("is 0 and 0 for copies", () => {
    expect(adversarialAccuracy(real, real)).toEqual(known.adversarialAccuracyOfCopies);
  });

  it("is 1 and 1 for two distant clusters", () => {
    const far = points(real.values.map((value) => value + 100) as Float64Array, real.dimension);
    expect(adversarialAccuracy(real, far)).toEqual({ real: 1, generated: 1, error: 0.25 });
  });

  it("does not change when all points are turned and shifted", () => {
    const turn = ({ values, dimension }: PointSet) => {
      const turned = Float64Array.from(values);
      for (let at = 0; at < values.length; at += dimension) {
        const [x, y] = [values[at]!, values[at + 1]!];
        turned[at] = 0.6 * x - 0.8 * y + 3;
        turned[at + 1] = 0.8 * x + 0.6 * y - 1;
      }
      return points(turned, dimension);
    };
    expect(adversarialAccuracy(turn(real), turn(generated))).toEqual(
      adversarialAccuracy(real, generated),
    );
  });

  it("refuses sets of unequal sizes", () => {
    const fewer = points(real.values.slice(0, 3 * real.dimension), real.dimension);
    expect(codeOf(() => adversarialAccuracy(real, fewer))).toBe("invalid-value");
  });
});

describe("covariance", () => {
  it("has the known error", () => {
    expect(covarianceError(real, generated)).toBeCloseTo(known.covarianceError, 14);
    expect(covarianceError(real, real)).toBe(0);
  });

  it("is the textbook matrix of three points", () => {
    expect([
      ...covariance(
        set([
          [0, 0],
          [2, 2],
          [4, -2],
        ]),
      ),
    ]).toEqual([4, -2, -2, 4]);
  });
});

describe("memorised share", () => {
  it("has the known values", () => {
    expect(memorisedShare(set(known.nearCopies), real).share.value).toBe(known.memorisedFraction);
    expect(memorisedShare(generated, real).share.value).toBe(known.memorisedFractionGenerated);
  });

  it("compares distances, not their squares, and names the neighbours", () => {
    const training = set([[0], [10]]);
    const { share, copies, distances, ratios, indices } = memorisedShare(
      set([[2.4], [7.6]]),
      training,
    );
    expect(share).toEqual(shareEstimate(2, 2));
    expect([...copies]).toEqual([1, 1]);
    expect(meanEstimate(distances)).toEqual(nearestDistance(set([[2.4], [7.6]]), training));
    expect(ratios[0]).toBeCloseTo(2.4 / 7.6, 14);
    expect([...indices]).toEqual([0, 1, 1, 0]);
    expect([...memorisedShare(set([[2.4], [2.6]]), training).copies]).toEqual([1, 0]);
  });

  it("calls a point between two equal training points no copy of either", () => {
    const { copies, ratios } = memorisedShare(set([[1], [2]]), set([[1], [1]]));
    expect([...copies]).toEqual([0, 0]);
    expect([...ratios]).toEqual([1, 1]);
  });
});

describe("nearest neighbours", () => {
  it("are those of a search through all distances", () => {
    const { indices, squaredDistances } = nearestNeighbours(generated, real, 3);
    known.generated.forEach((query, row) => {
      const distances = known.real
        .map((reference, index) => ({
          index,
          distance: reference.reduce((sum, value, i) => sum + (value - query[i]!) ** 2, 0),
        }))
        .sort((a, b) => a.distance - b.distance)
        .slice(0, 3);
      expect([...indices.subarray(3 * row, 3 * row + 3)]).toEqual(distances.map((d) => d.index));
      distances.forEach(({ distance }, k) => {
        expect(squaredDistances[3 * row + k]).toBeCloseTo(distance, 12);
      });
    });
  });

  it("leave a point itself out when asked to", () => {
    const line = set([[0], [1], [3]]);
    expect([...nearestNeighbours(line, line, 1, true).indices]).toEqual([1, 0, 1]);
    expect(codeOf(() => nearestNeighbours(line, line, 3, true))).toBe("invalid-value");
  });
});

describe("class mix", () => {
  const references = set([[0], [0.2], [0.4], [5], [5.2], [5.4]]);
  const labels = Uint8Array.of(1, 1, 1, 6, 6, 6);

  it("counts the classes of the nearest references", () => {
    const mix = classMix(set([[0.1], [5.1], [5.3], [4]]), references, labels, 3);
    expect([...mix.labels]).toEqual([1, 6, 6, 6]);
    expect([...mix.shares]).toEqual([
      [1, shareEstimate(1, 4)],
      [6, shareEstimate(3, 4)],
    ]);
  });

  it("gives a tied vote to the nearest reference", () => {
    const mix = classMix(set([[2.6], [2.8]]), references, labels, 2);
    expect([...mix.labels]).toEqual([1, 6]);
  });

  it("names every class, also one that is never generated", () => {
    expect(classMix(set([[0], [0]]), references, labels, 1).shares.get(6)).toEqual(
      shareEstimate(0, 2),
    );
  });
});

describe("points", () => {
  it("are refused when ragged, not finite or too few", () => {
    expect(codeOf(() => points(new Float64Array(5), 2))).toBe("wrong-length");
    expect(codeOf(() => points(Float64Array.of(1, Number.NaN), 1))).toBe("not-finite");
    expect(codeOf(() => points(Float64Array.of(1, 2), 2))).toBe("invalid-value");
  });

  it("of different dimension cannot be compared", () => {
    const flat = points(new Float64Array(80), 2);
    expect(codeOf(() => covarianceError(real, flat))).toBe("wrong-length");
  });
});

describe("class evenness", () => {
  const labelsOf = (...counts: number[]) =>
    counts.flatMap((count, label) => new Array<number>(count).fill(label));

  it("is 1 where classes are equally frequent, 0 where there is one, and the entropy in between", () => {
    expect(classEvenness(labelsOf(5, 5, 5, 5), [0, 1, 2, 3]).value).toBeCloseTo(1, 12);
    expect(classEvenness(labelsOf(7), [0, 1, 2]).value).toBeCloseTo(0, 12);
    const [p, q] = [0.9, 0.1];
    const expected = -(p * Math.log2(p) + q * Math.log2(q));
    expect(classEvenness(labelsOf(90, 10), [0, 1]).value).toBeCloseTo(expected, 12);
  });

  it.each([[[0.5, 0.3, 0.2]], [[1 / 3, 1 / 3, 1 / 3]]])(
    "has the deviation of classes drawn anew with shares %j",
    (shares) => {
      const count = 200;
      const drawn = Array.from({ length: 400 }, (_, draw) => {
        const source = { seed: 7, stream: streams.dataOrder, step: draw };
        const labels = [...uniforms(source, 0, count)].map((u) =>
          u < shares[0]! ? 0 : u < shares[0]! + shares[1]! ? 1 : 2,
        );
        return classEvenness(labels, [0, 1, 2]);
      });
      const values = drawn.map(({ value }) => value);
      const deviation = meanEstimate(values).standardError * Math.sqrt(values.length);
      const claimed = mean(drawn.map(({ standardError }) => standardError));
      // 400 draws tell a deviation to within 4 %, or less well where it is skewed.
      expect(claimed / deviation).toBeGreaterThan(0.85);
      expect(claimed / deviation).toBeLessThan(1.35);
    },
  );
});
