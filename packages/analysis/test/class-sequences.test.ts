// Stays, moves and paths by hand.
import { describe, expect, it } from "vitest";
import { classTransitions, dwells } from "../src/index.js";
import { codeOf } from "./known.js";

describe("class sequences", () => {
  it("fall into stays, cut off at both ends", () => {
    expect(dwells([1, 1, 3, 3, 3, 1])).toEqual([
      { label: 1, start: 0, length: 2, complete: false },
      { label: 3, start: 2, length: 3, complete: true },
      { label: 1, start: 5, length: 1, complete: false },
    ]);
    expect(dwells([])).toEqual([]);
    expect(dwells([7])).toEqual([{ label: 7, start: 0, length: 1, complete: false }]);
  });

  it("move within chains and never from one chain to the next", () => {
    const moves = classTransitions([
      [1, 1, 3, 3, 3, 1],
      [6, 6],
    ]);
    expect(moves.labels).toEqual([1, 3, 6]);
    expect([...moves.counts]).toEqual([1, 1, 0, 1, 2, 0, 0, 0, 1]);
    expect([...moves.probabilities]).toEqual([0.5, 0.5, 0, 1 / 3, 2 / 3, 0, 0, 0, 1]);
    expect([...moves.occupancy]).toEqual([3 / 8, 3 / 8, 2 / 8]);
    expect([...moves.meanDwell]).toEqual([Number.NaN, 3, Number.NaN]);
  });

  it("need a frame", () => {
    expect(codeOf(() => classTransitions([[]]))).toBe("invalid-value");
  });
});
