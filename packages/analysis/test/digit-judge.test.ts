// The judge against PyTorch, against what it never saw, and against images that nobody can read.
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { findChromium, outcomeOfPage } from "@neural-langevin/tooling/chromium";
import { describe, expect, it } from "vitest";
import {
  JUDGE_CLASSES,
  JUDGE_FEATURES,
  judgeDigits,
  legibility,
  measureDigits,
  type PointSet,
  points,
  realDigits,
} from "../src/index.js";
import { codeOf, fixture } from "./known.js";
import { combined, heated, images, labels, noise } from "./mnist.js";

interface Judged {
  readonly features: number[];
  readonly probabilities: number[];
}
const known = fixture("digit-judge") as Judged & { pixels: string };
const rates = Float64Array.from(Buffer.from(known.pixels, "base64"), (level) => level / 127.5 - 1);
const negative = ({ values, dimension }: PointSet) =>
  points(
    values.map((value) => -value),
    dimension,
  );

describe("the network", () => {
  const { features, probabilities } = judgeDigits(points(rates, 784));

  it("computes what PyTorch computes", () => {
    expect([features.count, features.dimension]).toEqual([20, JUDGE_FEATURES]);
    expect([known.features.length, known.probabilities.length]).toEqual([1280, 220]);
    expect(probabilities.length).toBe(20 * JUDGE_CLASSES);
    known.features.forEach((value, at) => {
      expect(features.values[at]).toBeCloseTo(value, 9);
    });
    known.probabilities.forEach((value, at) => {
      expect(probabilities[at]).toBeCloseTo(value, 10);
    });
  });

  it("computes the same bits everywhere", () => {
    const hash = createHash("sha256")
      .update(probabilities)
      .update(features.values as Float64Array);
    expect(hash.digest("hex")).toBe(
      "a5bdb89f3efb0c391c341aae5b5783c28b05c018ac64a668a204ef9d57208569",
    );
  });

  it.skipIf(!findChromium())(
    "computes the same bits in Chromium",
    { timeout: 60_000 },
    async () => {
      const page = fileURLToPath(new URL("page/", import.meta.url));
      const there = await outcomeOfPage<Judged>(page, { isolated: false });
      expect(there.probabilities).toEqual([...probabilities]);
      expect(there.features).toEqual([...features.values]);
    },
  );

  it("refuses what are not images of 28 × 28 values from −1 to 1", () => {
    expect(codeOf(() => judgeDigits(points(new Float64Array(2 * 884), 884)))).toBe("wrong-length");
    expect(codeOf(() => judgeDigits(points(new Float64Array(2 * 784).fill(255), 784)))).toBe(
      "invalid-value",
    );
  });
});

describe("held-out digits", () => {
  const set = images(0, 1000);
  const { legible, standardError, digits, broken, classShares } = legibility(set);

  it("are read, and read right", () => {
    expect(legible).toBeGreaterThan(0.94);
    expect(standardError).toBeLessThan(0.008);
    const right = digits.filter((digit, image) => digit === labels[image]).length;
    expect(right / digits.filter((digit) => digit >= 0).length).toBeGreaterThan(0.995);
    expect(legible + broken).toBeGreaterThan(0.99);
    for (const share of classShares.values()) expect(share).toBeCloseTo(0.1, 1);
  });

  it("are read through thermal noise of one unit", () => {
    expect(legibility(heated(images(0, 400), 1)).legible).toBeGreaterThan(0.92);
  });

  it("count as other digits where they are not asked about", () => {
    const asked = legibility(set, { classes: [1, 3, 6] });
    expect(asked.legible + asked.otherDigits).toBeCloseTo(legible, 12);
    expect([...asked.classShares.keys()]).toEqual([1, 3, 6]);
    expect([...asked.classShares.values()].reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    const { legible: all, inverted, empty, broken: rest, otherDigits } = asked;
    expect(all + inverted + empty + rest + otherDigits).toBeCloseTo(1, 12);
  });

  it("are inverted in black on white", () => {
    const inverted = legibility(negative(images(0, 200)));
    expect(inverted.legible).toBeLessThan(0.01);
    expect(inverted.inverted).toBeGreaterThan(0.94);
  });
});

describe("smooth prototypes", () => {
  /** Means of the test images of a digit that are nearest to each of four of them. */
  function prototypes(): PointSet {
    const { values } = images(0, 2000);
    const image = (at: number) => values.subarray(784 * at, 784 * (at + 1)) as Float64Array;
    const distance = (a: Float64Array, b: Float64Array) =>
      a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
    const all = Array.from({ length: 10 }, (_, digit) => {
      const own = Array.from({ length: 2000 }, (_, at) => at)
        .filter((at) => labels[at] === digit)
        .map(image);
      let centres = own.slice(0, 4);
      for (let round = 0; round < 10; round++) {
        const groups = centres.map(() => [] as Float64Array[]);
        for (const one of own) {
          const distances = centres.map((centre) => distance(one, centre));
          groups[distances.indexOf(Math.min(...distances))]!.push(one);
        }
        centres = groups.map((group) =>
          group[0]!.map((_, i) => group.reduce((sum, one) => sum + one[i]!, 0) / group.length),
        );
      }
      return centres.flatMap((centre) => [...centre.map((value) => Math.tanh(4 * value))]);
    });
    return points(Float64Array.from(all.flat()), 784);
  }

  it("are legible: the judge asks for form, not for variety", () => {
    const { digits } = legibility(prototypes());
    const right = digits.filter((digit, at) => digit === Math.floor(at / 4)).length;
    expect(right / digits.length).toBeGreaterThan(0.9);
  });
});

describe("what nobody can read", () => {
  const made = (pixel: Parameters<typeof combined>[2]) => legibility(combined(0, 300, pixel));

  it("are halves of two digits", () => {
    const sides = made((_, column, place, own, other) => (column < 14 ? own : other)[place]!);
    const levels = made((row, _, place, own, other) => (row < 14 ? own : other)[place]!);
    expect(sides.legible).toBeLessThan(0.13);
    expect(levels.legible).toBeLessThan(0.14);
  });

  it("are two digits on top of each other", () => {
    const most = made((_, __, place, own, other) => Math.max(own[place]!, other[place]!));
    const mean = made((_, __, place, own, other) => (own[place]! + other[place]!) / 2);
    expect(most.legible).toBeLessThan(0.09);
    expect(mean.legible).toBeLessThan(0.05);
  });

  it("are shuffled squares of a digit", () => {
    // A permutation of the 16 squares without a fixed one.
    const from = (square: number) => (5 * square + 7) % 16;
    const shuffled = made((row, column, _, own) => {
      const square = from(4 * Math.floor(row / 7) + Math.floor(column / 7));
      return own[28 * (7 * Math.floor(square / 4) + (row % 7)) + 7 * (square % 4) + (column % 7)]!;
    });
    expect(shuffled.legible).toBeLessThan(0.02);
  });

  it("are digits in stripes and pieces", () => {
    const pieces = made((row, column, place, own) =>
      Math.floor(row / 5) % 2 === 0 && Math.floor(column / 5) % 2 === 0 ? own[place]! : -1,
    );
    expect(pieces.legible).toBeLessThan(0.05);
    expect(pieces.broken + pieces.empty).toBeGreaterThan(0.95);
  });

  it("are noise and nothing", () => {
    const grey = legibility(noise(50));
    expect([grey.legible, grey.inverted, grey.broken]).toEqual([0, 0, 1]);
    const black = points(new Float64Array(50 * 784).fill(-1), 784);
    for (const set of [black, heated(black, 1)]) {
      expect([legibility(set).legible, legibility(set).empty]).toEqual([0, 1]);
    }
    expect(legibility(black).classShares.get(3)).toBeNaN();
    expect(legibility(black).standardError).toBeCloseTo(Math.sqrt(51 / 52 ** 2 / 53), 12);
  });
});

it("asks for digits and a threshold that leaves one winner", () => {
  const set = images(0, 2);
  expect(codeOf(() => legibility(set, { classes: [10] }))).toBe("invalid-value");
  expect(codeOf(() => legibility(set, { threshold: 0.4 }))).toBe("invalid-value");
});

it("measures machines of some digits, which draw others too", () => {
  const of = (first: number, count: number, classes: readonly number[]) => {
    const places = Array.from({ length: count }, (_, at) => first + at);
    const kept = places.filter((place) => classes.includes(labels[place]!));
    const { values } = images(first, count);
    const set = points(
      Float64Array.from(
        kept.flatMap((place) => [
          ...values.subarray(784 * (place - first), 784 * (place - first + 1)),
        ]),
      ),
      784,
    );
    return { set, labels: Uint8Array.from(kept, (place) => labels[place]!) };
  };
  const classes = [1, 3, 6];
  const heldOut = of(0, 250, classes);
  const training = of(1000, 250, classes).set;
  const real = realDigits({ heldOut: heldOut.set, labels: heldOut.labels, training, classes });
  const all = images(2000, 150);
  const found = measureDigits(all, real);
  const share = of(2000, 150, classes).set.count / 150;
  expect(Math.abs(found.legible.value - share)).toBeLessThan(0.04);
  // Other digits that it draws are not compared with images that there are none of.
  expect(Math.abs(found.varianceRatio.value - 1)).toBeLessThan(
    4 * found.varianceRatio.standardError,
  );
  const few = { ...real, labels: real.labels.map((label) => (label === 6 ? 1 : label)) };
  expect(measureDigits(all, few).varianceRatio.value).not.toBeNaN();
});
