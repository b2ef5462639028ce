// The energy of two neurons as a surface over their currents: a grid of heights, cut off where the walls begin, so that
// nothing stands before the valleys.
import { energy, type Network } from "@neural-langevin/core";
import type { SpacePlace } from "../../parts/turning.svelte.js";
import { REACH } from "../../state/pair-settings.js";

/** Cells of the surface along each axis, unless its reader wants others. */
export const SIDE = 36;
/** Below this energy the axis is nearly linear, above it logarithmic: barriers of 0.3 are seen, and walls too. */
const KNEE = 0.1;
/** Where the surface is cut off, unless all of it is higher. */
const CUT = 3.5;
/** Height of the cut over the middle of a square of side 2; the lowest energy, 0, is as far below. */
export const CUT_HEIGHT = 0.42;

/** A cell as far as it is not cut off. */
export interface SurfaceCell {
  /** What is left of it. */
  readonly outline: readonly SpacePlace[];
  /** The contours through it, as pairs of ends. */
  readonly lines: readonly SpacePlace[];
  /** How deep it lies: 0 at the cut, 1 where the energy is 0. */
  readonly depth: number;
  /** How steeply it rises along both currents. */
  readonly slope: readonly [number, number];
}

const scaled = (value: number): number => Math.log1p(value / KNEE);

export class EnergySurface {
  /** Energy where it is cut off. */
  readonly cut: number;
  /** Energies at the corners of the cells, x₁ across and x₂ up, shape [side + 1][side + 1]. */
  readonly energies: Float64Array;
  /** Heights there. */
  readonly heights: Float64Array;

  /** Cells along each axis. */
  readonly side: number;

  constructor(network: Network, side = SIDE) {
    this.side = side;
    const corners = side + 1;
    const states = new Float64Array(2 * corners ** 2);
    for (let at = 0; at < corners ** 2; at++) {
      states[2 * at] = REACH * ((2 * (at % corners)) / side - 1);
      states[2 * at + 1] = REACH * ((2 * Math.floor(at / corners)) / side - 1);
    }
    this.energies = energy(network, states);
    const least = this.energies.reduce((a, b) => Math.min(a, b));
    this.cut = Math.max(CUT, 4 * least);
    this.heights = this.energies.map((value) => this.heightOf(value));
  }

  /** The height of an energy: from −CUT_HEIGHT at 0 to CUT_HEIGHT at the cut. */
  heightOf(value: number): number {
    return CUT_HEIGHT * ((2 * scaled(value)) / scaled(this.cut) - 1);
  }

  /**
   * The cells, x₁ across and x₂ up, shape [side][side]; undefined where all of one is cut off.
   *
   * @param levels energies of the contours, ascending
   */
  cells(levels: readonly number[]): (SurfaceCell | undefined)[] {
    const { side } = this;
    const lines = levels.map((level) => this.heightOf(level));
    const corner = (across: number, up: number): SpacePlace => [
      (2 * across) / side - 1,
      (2 * up) / side - 1,
      this.heights[up * (side + 1) + across]!,
    ];
    return Array.from({ length: side ** 2 }, (_, at) => {
      const [i, j] = [at % side, Math.floor(at / side)];
      const corners = [corner(i, j), corner(i + 1, j), corner(i + 1, j + 1), corner(i, j + 1)];
      const [a, b, c, d] = corners.map(([, , height]) => height) as [
        number,
        number,
        number,
        number,
      ];
      const [least, most] = [Math.min(a, b, c, d), Math.max(a, b, c, d)];
      if (least > CUT_HEIGHT) return undefined;
      return {
        outline: most <= CUT_HEIGHT ? corners : below(corners, CUT_HEIGHT),
        lines: [...lines, CUT_HEIGHT]
          .filter((line) => line >= least && line < most && line <= CUT_HEIGHT)
          .flatMap((line) => linesAt(corners, line)),
        depth: Math.min((CUT_HEIGHT - (a + b + c + d) / 4) / (2 * CUT_HEIGHT), 1),
        slope: [((b - a) * side) / 2, ((d - a) * side) / 2],
      };
    });
  }

  /** The height at a place of the square, between the corners of its cell; undefined beside the square. */
  heightAt(x: number, y: number): number | undefined {
    const { heights, side } = this;
    const [right, up] = [((x + 1) / 2) * side, ((y + 1) / 2) * side];
    if (!(right >= 0 && right <= side && up >= 0 && up <= side)) return undefined;
    const [i, j] = [Math.min(Math.floor(right), side - 1), Math.min(Math.floor(up), side - 1)];
    const [s, t] = [right - i, up - j];
    const at = j * (side + 1) + i;
    const below = (1 - s) * heights[at]! + s * heights[at + 1]!;
    const above = (1 - s) * heights[at + side + 1]! + s * heights[at + side + 2]!;
    return (1 - t) * below + t * above;
  }

  /** The place on the surface of two currents; undefined where they are not shown. */
  placeOf(x1: number, x2: number): SpacePlace | undefined {
    const [x, y] = [x1 / REACH, x2 / REACH];
    const height = this.heightAt(x, y);
    return height === undefined ? undefined : [x, y, height];
  }

  /**
   * Whether the surface lies between a place on it and the one who looks.
   *
   * @param towards a step towards the one who looks
   */
  hides([x, y, z]: SpacePlace, towards: SpacePlace): boolean {
    for (let step = 1; ; step++) {
      const height = this.heightAt(x + step * towards[0], y + step * towards[1]);
      const up = z + step * towards[2];
      if (height === undefined || up > CUT_HEIGHT) return false;
      // What is above the cut is not there.
      if (height <= CUT_HEIGHT && height > up + 0.02) return true;
    }
  }
}

/** The part of a polygon that is not above a height. */
function below(corners: readonly SpacePlace[], height: number): SpacePlace[] {
  return corners.flatMap((from, at) => {
    const to = corners[(at + 1) % corners.length]!;
    const kept = from[2] <= height ? [from] : [];
    return from[2] <= height === to[2] <= height ? kept : [...kept, crossing(from, to, height)];
  });
}

/** The lines at a height through a cell, as pairs of ends. */
function linesAt(corners: readonly SpacePlace[], height: number): SpacePlace[] {
  return corners.flatMap((from, at) => {
    const to = corners[(at + 1) % corners.length]!;
    return from[2] <= height === to[2] <= height ? [] : [crossing(from, to, height)];
  });
}

/** Where an edge crosses a height. */
function crossing(from: SpacePlace, to: SpacePlace, height: number): SpacePlace {
  const share = (height - from[2]) / (to[2] - from[2]);
  return [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1]), height];
}
