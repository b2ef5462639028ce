// The noise has the bits that everybody's Threefry has, and the orders made of it are fair.
import { describe, expect, it } from "vitest";
import { batchOrder, normalsFromWords, threefry4x32, type Words } from "../src/backend/index.js";
import { chainNoise, permutation, randomNetwork, uniforms } from "../src/index.js";
import { expectClose, known } from "./known.js";

const answers = known<{
  cases: { counter: number[]; key: number[]; output: number[] }[];
  words: number[];
  normals: number[];
  extremeWords: number[];
  extremeNormals: number[];
  noise: { seed: number; stream: number; steps: number[]; values: number[][][] };
}>("random");
const asWords = (values: number[]) => values as unknown as Words;

describe("Threefry4x32-20", () => {
  it("has the published outputs", () => {
    for (const { counter, key, output } of answers.cases) {
      expect(threefry4x32(asWords(counter), asWords(key))).toEqual(output);
    }
  });
});

describe("normals", () => {
  it("follow from their words, at the extremes too", () => {
    for (const [words, normals] of [
      [answers.words, answers.normals],
      [answers.extremeWords, answers.extremeNormals],
    ] as const) {
      const found = [
        ...normalsFromWords(words[0]!, words[1]!),
        ...normalsFromWords(words[2]!, words[3]!),
      ];
      expectClose(found, normals, 1e-15);
    }
  });

  it("are those of their seed, stream, step, chain and unit, beyond 32 bits as well", () => {
    const { seed, stream, steps, values } = answers.noise;
    steps.forEach((step, index) => {
      values[index]!.forEach((units, chain) => {
        expectClose(chainNoise({ seed, stream, step }, chain, units.length), units, 1e-14);
      });
    });
  });

  it("have the moments of a normal distribution", () => {
    const count = 100_000;
    const values = chainNoise({ seed: 3, stream: 0, step: 0 }, 0, count);
    const moment = (power: number) => values.reduce((sum, x) => sum + x ** power, 0) / count;
    // Standard errors: √(1/n), √(2/n), √(15/n), √(96/n).
    expect(Math.abs(moment(1))).toBeLessThan(4 * Math.sqrt(1 / count));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
    expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15 / count));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / count));
  });
});

describe("a permutation", () => {
  const at = (step: number, length: number) => permutation({ seed: 1, stream: 2, step }, length);

  it("holds every number once, and differs from step to step", () => {
    expect([...at(0, 1000)].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 1000 }, (_, i) => i),
    );
    expect(at(0, 1000)).not.toEqual(at(1, 1000));
    expect([...at(0, 1)]).toEqual([0]);
  });

  it("puts every number at every place equally often", () => {
    const [places, trials] = [5, 5000];
    const counts = new Float64Array(places * places);
    for (let step = 0; step < trials; step++) {
      at(step, places).forEach((value, place) => {
        counts[value * places + place]! += 1;
      });
    }
    const expected = trials / places;
    const chiSquare = counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    // 16 degrees of freedom: above 39.3 with a probability of 0.001.
    expect(chiSquare).toBeLessThan(39.3);
  });
});

describe("uniform numbers", () => {
  it("lie in [0, 1) with mean ½", () => {
    const values = uniforms({ seed: 5, stream: 3, step: 0 }, 0, 10_001);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    const mean = values.reduce((a, b) => a + b) / values.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 / Math.sqrt(12 * values.length));
  });
});

describe("batches", () => {
  it("take every data state once an epoch, also where an epoch ends within a batch", () => {
    const order = batchOrder(1, 10, 4);
    const taken = [1, 2, 3, 4, 5].flatMap((update) => [...order(update)]);
    for (const epoch of [taken.slice(0, 10), taken.slice(10)]) {
      expect(epoch.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
  });

  it("depend on the update alone", () => {
    expect(batchOrder(1, 10, 4)(50)).toEqual(batchOrder(1, 10, 4)(50));
    const order = batchOrder(1, 10, 4);
    order(3);
    expect(order(50)).toEqual(batchOrder(1, 10, 4)(50));
  });
});

describe("a random network", () => {
  it("has couplings of variance g²/N, no self-coupling and no bias", () => {
    const { couplings, bias } = randomNetwork({ units: 200, gain: 2, seed: 1 });
    const count = 200 * 199;
    const variance = couplings.reduce((sum, value) => sum + value ** 2, 0) / count;
    expect(Math.abs(variance - 4 / 200)).toBeLessThan(4 * (4 / 200) * Math.sqrt(2 / count));
    expect(couplings.filter((_, at) => at % 201 === 0).every((value) => value === 0)).toBe(true);
    expect(bias.every((value) => value === 0)).toBe(true);
  });

  it("is decided by its seed", () => {
    const make = (seed: number) => randomNetwork({ units: 5, gain: 1, seed }).couplings;
    expect(make(1)).toEqual(make(1));
    expect(make(1)).not.toEqual(make(2));
  });
});
