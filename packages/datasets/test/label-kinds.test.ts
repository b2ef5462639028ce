// Kinds of images within a label: k-means on clusters that are known, and what is asked for and read back by kind.
import { chainNoise, isLangevinError } from "@neural-langevin/core";
import { describe, expect, it } from "vitest";
import {
  appendLabels,
  askForLabel,
  findLabelKinds,
  kindsOfLabel,
  kMeans,
  type LabelUnits,
  labelRates,
  labelUnits,
  readLabels,
  setLabel,
  unitsWithLabels,
} from "../src/index.js";

const codeOf = async (work: () => unknown) => {
  try {
    await work();
  } catch (error) {
    return isLangevinError(error) ? error.code : error;
  }
  return undefined;
};

/** Points around centres, of which point i has the number i modulo their number, and where each lies. */
function planted(centres: readonly (readonly number[])[], count: number, spread: number) {
  const dimension = centres[0]!.length;
  const points = new Float32Array(count * dimension);
  for (let i = 0; i < count; i++) {
    const noise = chainNoise({ seed: 5, stream: 1, step: 0 }, i, dimension);
    points.set(
      centres[i % centres.length]!.map((centre, at) => centre + spread * noise[at]!),
      i * dimension,
    );
  }
  return points;
}

describe("kMeans", () => {
  it("finds clusters that lie apart, with the mean of their own points", async () => {
    const centres = [
      [4, 0, 0, 1, 2],
      [0, 4, 0, 1, 2],
      [0, 0, 4, 1, 2],
    ];
    const points = planted(centres, 600, 0.3);
    const { means, inertia } = await kMeans(points, 5, { clusters: 3, seed: 1 });
    const found = [0, 1, 2].map((cluster) => [...means.subarray(cluster * 5, cluster * 5 + 5)]);
    let sum = 0;
    for (const [own, centre] of centres.entries()) {
      const nearest = found.reduce((a, b) => (Math.hypot(...away(b, centre)) < 1 ? b : a));
      const rows = Array.from({ length: 200 }, (_, i) =>
        points.subarray((3 * i + own) * 5).slice(0, 5),
      );
      const mean = centre.map((_, at) => rows.reduce((total, row) => total + row[at]!, 0) / 200);
      expect(Math.hypot(...away(nearest, mean))).toBeLessThan(1e-6);
      sum += rows.reduce((total, row) => total + Math.hypot(...away([...row], mean)) ** 2, 0);
    }
    expect(inertia / sum).toBeCloseTo(1, 6);
  });

  it("is exact where the answer is, and repeats its bits", async () => {
    const line = Float32Array.of(0, 10, 1, 11);
    const pairs = await kMeans(line, 1, { clusters: 2, seed: 3 });
    expect([...pairs.means].sort((a, b) => a - b)).toEqual([0.5, 10.5]);
    expect(pairs.inertia).toBe(1);
    expect((await kMeans(line, 1, { clusters: 4, seed: 3 })).inertia).toBe(0);
    expect(await kMeans(line, 1, { clusters: 1, seed: 3 })).toEqual({
      means: Float32Array.of(5.5),
      inertia: 2 * 5.5 ** 2 + 2 * 4.5 ** 2,
    });
    const cloud = planted([[0, 0, 0]], 500, 1);
    const options = { clusters: 4, seed: 7 };
    expect(await kMeans(cloud, 3, options)).toEqual(await kMeans(cloud, 3, options));
  });

  it("stops between two rounds", async () => {
    const cloud = planted([[0, 0, 0]], 500, 1);
    const stopped = { clusters: 4, seed: 7, signal: { aborted: true } };
    expect(await codeOf(() => kMeans(cloud, 3, stopped))).toBe("aborted");
  });

  it("takes equal points, and refuses fewer points than clusters", async () => {
    const equal = await kMeans(new Float32Array(6).fill(2), 2, { clusters: 3, seed: 1 });
    expect(equal).toEqual({ means: new Float32Array(6).fill(2), inertia: 0 });
    const few = () => kMeans(new Float32Array(4), 2, { clusters: 3, seed: 1 });
    expect(await codeOf(few)).toBe("invalid-value");
    const odd = () => kMeans(new Float32Array(5), 2, { clusters: 1, seed: 1 });
    expect(await codeOf(odd)).toBe("wrong-length");
  });
});

const away = (a: readonly number[], b: readonly number[]) => a.map((one, at) => one - b[at]!);

// Label 4 is written in two ways, of which one is three times as frequent; label 7 in two that are equally frequent.
const ways = { 4: [1, 1, 1, -1], 7: [2, 3] } as const;
const signs = { 1: [1, 1, 1, 1], [-1]: [-1, -1, 1, 1], 2: [1, -1, 1, -1], 3: [-1, 1, -1, 1] };
const labels = Uint8Array.from({ length: 80 }, (_, image) => (image % 2 === 0 ? 4 : 7));
const wayOf = (image: number) => {
  const own = ways[labels[image] as 4 | 7];
  return own[Math.floor(image / 2) % own.length]!;
};
const states = Float32Array.from({ length: 80 * 4 }, (_, at) => {
  const image = Math.floor(at / 4);
  const noise = chainNoise({ seed: 2, stream: 1, step: 0 }, image, 4);
  return signs[wayOf(image) as 1][at % 4]! + 0.1 * noise[at % 4]!;
});
const plain = labelUnits(4, labels, 3);
const kinds = await findLabelKinds(states, labels, plain, { kinds: 2, seed: 1 });
const layout: LabelUnits = { ...plain, kinds };

describe("findLabelKinds", () => {
  it("finds the kinds of each label, the most frequent first", () => {
    expect(kinds.shares).toEqual([0.75, 0.25, 0.5, 0.5]);
    const mean = (at: number) => [...kinds.means.subarray(at * 4, at * 4 + 4)].map(Math.sign);
    expect([mean(0), mean(1)]).toEqual([signs[1], signs[-1]]);
    expect([mean(2), mean(3)]).toEqual(expect.arrayContaining([signs[2], signs[3]]));
    expect(kinds.means.every((rate) => Number.isInteger(rate * 1024))).toBe(true);
  });

  it("does not depend on other labels", async () => {
    const own = [...labels.keys()].filter((image) => labels[image] === 7);
    const of7 = Float32Array.from(
      own.flatMap((image) => [...states.subarray(image * 4).slice(0, 4)]),
    );
    const alone = { pixels: 4, labels: [7] };
    const found = await findLabelKinds(
      of7,
      own.map(() => 7),
      alone,
      { kinds: 2, seed: 1 },
    );
    expect(found.means).toEqual(kinds.means.slice(8));
  });

  it("refuses a label with fewer images than kinds, by its name", async () => {
    const many = () => findLabelKinds(states, labels, plain, { kinds: 41, seed: 1 });
    await expect(many()).rejects.toThrow(
      /The label 4 has 40 training images, which do not make 41 kinds/,
    );
    expect(await codeOf(many)).toBe("invalid-value");
  });
});

describe("label units of several kinds", () => {
  it("stand kind by kind within a label, label by label within a copy", () => {
    expect([unitsWithLabels(layout), kindsOfLabel(layout), kindsOfLabel(plain)]).toEqual([
      16, 2, 1,
    ]);
    const whole = appendLabels(states, labels, layout);
    for (let image = 0; image < 80; image++) {
      const own = [...whole.subarray(image * 16 + 4, image * 16 + 8)];
      const at = labels[image] === 4 ? Number(wayOf(image) === -1) : undefined;
      if (at !== undefined) expect(own.indexOf(2)).toBe(at);
      expect(own.filter((x) => x === 2)).toHaveLength(1);
      for (const copy of [1, 2]) {
        const other = whole.subarray(image * 16 + 4 + 4 * copy, image * 16 + 8 + 4 * copy);
        expect([...other]).toEqual(own);
      }
    }
    expect(readLabels(whole, layout)).toEqual(labels);
  });

  it("are read by the kind that fires most", () => {
    const state = new Float32Array(16).fill(-2);
    // Both kinds of 7 fire a little, and one kind of 4 more than either.
    for (let copy = 0; copy < 3; copy++) state.set([-2, 1, 0.75, 0.75], 4 + 4 * copy);
    expect([...labelRates(state, layout)]).toEqual([1, 0.75]);
    expect(readLabels(state, layout)[0]).toBe(4);
  });

  it("round trips for every number of kinds", async () => {
    for (const count of [1, 2, 3]) {
      const several = {
        ...plain,
        kinds: await findLabelKinds(states, labels, plain, { kinds: Math.max(2, count), seed: 1 }),
      };
      const some = count === 1 ? plain : several;
      const state = new Float32Array(unitsWithLabels(some));
      for (const label of [4, 7]) {
        for (let kind = 0; kind < count; kind++) {
          setLabel(state, label, some, kind);
          expect(state.indexOf(2)).toBe(4 + (label === 4 ? 0 : count) + kind);
          expect(state.filter((x) => x === 2)).toHaveLength(3);
          expect(readLabels(state, some)[0]).toBe(label);
        }
      }
    }
  });

  it("are asked for as often as their shares say, in all chains, the first ones, and every third", () => {
    const kindsAsked = (asked: readonly number[], chains: number) =>
      Array.from({ length: chains }, (_, chain) => {
        const state = new Float32Array(16);
        askForLabel(state, chain, asked, layout);
        expect(readLabels(state, layout)[0]).toBe(asked[chain % asked.length]);
        return (state.indexOf(2) - 4) % 2;
      });
    const frequent = (some: readonly number[]) => some.filter((kind) => kind === 0).length;
    const fours = kindsAsked([4], 1000);
    for (const count of [8, 25, 100, 1000]) {
      expect(Math.abs(frequent(fours.slice(0, count)) - 0.75 * count)).toBeLessThan(1.6);
    }
    const third = fours.filter((_, chain) => chain % 3 === 0);
    expect(Math.abs(frequent(third) - 0.75 * third.length)).toBeLessThan(2);
    // The turns of a label count, however labels are mixed: one after the other, or blocks of each.
    const mixed = kindsAsked([7, 4], 200).filter((_, chain) => chain % 2 === 1);
    expect(mixed).toEqual(fours.slice(0, 100));
    const blocks = kindsAsked([4, 4, 4, 7, 7, 7], 18);
    expect([0, 1, 2, 6, 7, 8, 12, 13, 14].map((chain) => blocks[chain])).toEqual(fours.slice(0, 9));
  });
});
