// Fixed points and their stability against cases that can be solved by hand or by differences.
import { randomNetwork, speed } from "@neural-langevin/core";
import { describe, expect, it } from "vitest";
import { distinctStates, eigenvalues, findFixedPoints, jacobian, stability } from "../src/index.js";
import { codeOf } from "./known.js";

/** Two units that excite each other: x* = 0 and ±(a, a) with a = 2 tanh a. */
const pair = { units: 2, couplings: Float64Array.of(0, 2, 2, 0), bias: new Float64Array(2) };

describe("fixed points", () => {
  it("of two units that excite each other are a saddle between two stable points", () => {
    const starts = Float64Array.of(1.9, 1.8, -2.2, -1.5, 0.01, -0.02, 2.1, 1.7);
    const { states, count, hits, searches } = findFixedPoints(pair, starts);
    expect(count).toBe(3);
    expect([...hits]).toEqual([2, 1, 1]);
    expect(searches.map(({ point }) => point)).toEqual([0, 1, 2, 0]);
    const a = states[0]!;
    expect(a).toBeCloseTo(2 * Math.tanh(a), 12);
    expect(a).toBeGreaterThan(1.9);
    expect([...states].map((x) => x.toFixed(9).replace("-0.000000000", "0.000000000"))).toEqual(
      [a, a, -a, -a, 0, 0].map((x) => x.toFixed(9)),
    );
    const kinds = [0, 1, 2].map((point) =>
      stability(eigenvalues(jacobian(pair, states.slice(2 * point, 2 * point + 2)))),
    );
    expect(kinds.map(({ stable }) => stable)).toEqual([true, true, false]);
    // At 0 the Jacobian is −1 + J with eigenvalues 1 and −3; at (a, a) the gain is 1 − a²/4.
    expect(kinds[2]).toEqual({ stable: false, unstableDirections: 1, largestRate: 1 });
    expect(kinds[0]!.largestRate).toBeCloseTo(-1 + 2 * (1 - (a * a) / 4), 9);
  });

  it("of a random network are zeros of the speed, reached in a few steps from nearby", () => {
    const network = randomNetwork({ units: 40, gain: 0.8, seed: 5 });
    const bias = network.bias.map((_, i) => Math.sin(i));
    const driven = { ...network, bias };
    const { states, count, searches } = findFixedPoints(driven, bias);
    expect(count).toBe(1);
    expect(Math.max(...speed(driven, states).map(Math.abs))).toBeLessThan(1e-10);
    expect(searches[0]!.steps).toBeLessThan(15);
  });

  it("are not claimed where the search fails", () => {
    // v = −x + tanh x + 1 has a zero, and one step does not find it.
    const one = { units: 1, couplings: Float64Array.of(1), bias: Float64Array.of(1) };
    const { count, searches } = findFixedPoints(one, Float64Array.of(-3), { steps: 1 });
    expect(count).toBe(0);
    expect(searches[0]!.point).toBe(-1);
    expect(searches[0]!.residual).toBeGreaterThan(1e-10);
    expect(findFixedPoints(one, Float64Array.of(-3)).states[0]).toBeCloseTo(1.9613, 3);
  });

  it("are searched from whole, finite states only", () => {
    expect(codeOf(() => findFixedPoints(pair, new Float64Array(3)))).toBe("wrong-length");
    expect(codeOf(() => findFixedPoints(pair, Float64Array.of(0, Number.NaN)))).toBe("not-finite");
  });
});

describe("distinct states", () => {
  it("are each kept once, where they come first", () => {
    const states = Float64Array.of(0, 1, 5, 5, 0, 1 + 1e-7, 0, 1.5, 5, 5);
    const { states: distinct, count, places } = distinctStates(states, 2);
    expect([...distinct]).toEqual([0, 1, 5, 5, 0, 1.5]);
    expect(count).toBe(3);
    expect([...places]).toEqual([0, 1, 0, 2, 1]);
    expect(distinctStates(states, 2, 1).count).toBe(2);
    expect(distinctStates(new Float64Array(0), 2).count).toBe(0);
    expect(codeOf(() => distinctStates(states, 3))).toBe("wrong-length");
  });
});

describe("the Jacobian", () => {
  it("is the derivative of the speed", () => {
    const network = randomNetwork({ units: 5, gain: 2, seed: 2 });
    const x = Float64Array.of(0.3, -0.8, 1.2, 0, -2);
    const matrix = jacobian(network, x);
    for (let j = 0; j < 5; j++) {
      const shifted = (h: number) =>
        speed(
          network,
          x.map((value, i) => (i === j ? value + h : value)),
        );
      const [up, down] = [shifted(1e-5), shifted(-1e-5)];
      for (let i = 0; i < 5; i++) {
        expect(matrix[5 * i + j]).toBeCloseTo((up[i]! - down[i]!) / 2e-5, 8);
      }
    }
  });
});
