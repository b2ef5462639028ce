// Points and paths in a plane: eigenvalues, projections, trajectories.
import { LangevinError } from "@neural-langevin/core";
import { requireLength } from "@neural-langevin/core/backend";
import { line } from "d3-shape";
import { drawAxes, type Frame, type Scale, scaleOver, spread } from "./axes.js";
import { type NumbersRow, numbersElement } from "./numbers.js";
import { colours, gradient, label, quiet, round, svgDocument } from "./svg.js";

/** Some points of one colour. */
export interface Points {
  /** What the key calls them. */
  readonly name: string;
  /** As many as y. */
  readonly x: ArrayLike<number>;
  /** As many as x. */
  readonly y: ArrayLike<number>;
  /** Diameter of a point; 3 unless given. */
  readonly size?: number;
}

/** Points that follow each other; they take their colour from their place in time. */
export interface Trajectory {
  /** In order of time, as many as y. */
  readonly x: ArrayLike<number>;
  /** As many as x. */
  readonly y: ArrayLike<number>;
}

/** What is drawn in one plane. */
export interface Plane {
  /** Above the plane. */
  readonly title: string;
  /** Below the horizontal axis. */
  readonly xTitle: string;
  /** Beside the vertical axis. */
  readonly yTitle: string;
  /** Drawn in this order, each set in a colour of its own. */
  readonly points: readonly Points[];
  /** Drawn over the points. */
  readonly trajectories?: readonly Trajectory[];
  /** What the colour of trajectories counts, and its first and last value. */
  readonly time?: { readonly title: string; readonly from: number; readonly to: number };
  /** Circles around the origin, such as the unit circle. */
  readonly circles?: readonly { readonly radius: number; readonly name: string }[];
  /** Least half-width of a plane around the origin, so that several planes can have one scale. */
  readonly reach?: number;
  /** One unit is as long on both axes, and 0 lies in the middle; false unless given. */
  readonly equal?: boolean;
}

const SIZE = { width: 480, height: 440 };
const FRAME: Frame = { left: 56, right: 456, top: 50, bottom: 370 };
/** Colours of a trajectory, and the points between two of them that share one. */
const SHADES = 64;

/**
 * Draws points, trajectories over them and circles, as one SVG document.
 *
 * @throws invalid-value when there is no finite point, wrong-length when x and y differ in length
 */
export function scatter(plane: Plane): string {
  const { points, trajectories = [], circles = [], equal = false } = plane;
  for (const { x, y } of [...points, ...trajectories]) requireLength("y", y, x.length);
  const all = [...points, ...trajectories].flatMap(finitePoints);
  if (all.length === 0) {
    throw new LangevinError("invalid-value", `The plot "${plane.title}" has no point to draw.`);
  }
  const frame = equal ? { ...FRAME, right: FRAME.left + FRAME.bottom - FRAME.top } : FRAME;
  const { x, y } = scales(plane, frame, all);
  const titles = { title: plane.title, xTitle: plane.xTitle, yTitle: plane.yTitle };
  const parts = drawAxes(frame, { ...titles, x, y, xLines: true });
  for (const { radius } of circles) {
    const at = `cx="${round(x(0))}" cy="${round(y(0))}" r="${round(x(radius) - x(0))}"`;
    parts.push(`<circle ${at} fill="none" stroke="${quiet}" stroke-dasharray="5 4"/>`);
  }
  points.forEach((some, index) => {
    const dots = finitePoints(some).map(([px, py]) => `M${round(x(px))},${round(y(py))}h0`);
    parts.push(
      `<path d="${dots.join("")}" stroke="${colourOf(index)}" stroke-width="${some.size ?? 3}" ` +
        'stroke-linecap="round" stroke-opacity="0.7" fill="none"/>',
    );
  });
  for (const trajectory of trajectories) parts.push(...drawTrajectory(trajectory, x, y));
  parts.push(...drawKey(plane, frame));
  return svgDocument(SIZE.width, SIZE.height, [numbersElement(numbersOf(plane)), ...parts]);
}

function numbersOf({ title, xTitle, yTitle, points, trajectories = [] }: Plane): NumbersRow[] {
  const named = [
    ...points.map(({ name, x, y }) => ({ series: name, x, y })),
    ...trajectories.map(({ x, y }, at) => ({ series: `trajectory ${at + 1}`, x, y })),
  ];
  return named.flatMap(({ series, x, y }) =>
    Array.from({ length: x.length }, (_, at) => {
      return { plot: title, series, [xTitle]: x[at], [yTitle]: y[at] };
    }),
  );
}

const colourOf = (index: number): string => colours[index % colours.length]!;

function finitePoints({ x, y }: Trajectory): (readonly [number, number])[] {
  return Array.from({ length: x.length }, (_, at) => [x[at]!, y[at]!] as const).filter((point) =>
    point.every(Number.isFinite),
  );
}

function scales(
  plane: Plane,
  { left, right, top, bottom }: Frame,
  all: readonly (readonly [number, number])[],
): { x: Scale; y: Scale } {
  if (plane.equal) {
    const circles = (plane.circles ?? []).map(({ radius }) => radius);
    const sizes = all.flatMap((point) => point.map(Math.abs));
    const most = [...sizes, ...circles, plane.reach ?? 0].reduce((a, b) => Math.max(a, b), 0);
    const reach = 1.05 * (most || 1);
    return {
      x: scaleOver([-reach, reach], [left, right]),
      y: scaleOver([-reach, reach], [bottom, top]),
    };
  }
  return {
    x: scaleOver(spread(all.map(([px]) => px)), [left, right]).nice(),
    y: scaleOver(spread(all.map(([, py]) => py)), [bottom, top]).nice(),
  };
}

/** A path in pieces of one colour each, with a ring where it begins and a dot where it ends. */
function drawTrajectory(trajectory: Trajectory, x: Scale, y: Scale): string[] {
  const points = finitePoints(trajectory);
  if (points.length === 0) return [];
  const path = line<readonly [number, number]>(
    ([px]) => round(x(px)),
    ([, py]) => round(y(py)),
  );
  const pieces = Math.min(SHADES, points.length - 1);
  const place = (piece: number) => Math.round((piece * (points.length - 1)) / pieces);
  const parts = Array.from({ length: pieces }, (_, piece) => {
    const d = path(points.slice(place(piece), place(piece + 1) + 1));
    const colour = gradient((piece + 0.5) / pieces);
    return `<path d="${d}" fill="none" stroke="${colour}" stroke-width="1.2" stroke-linejoin="round"/>`;
  });
  const mark = ([px, py]: readonly [number, number], fill: string) =>
    `<circle cx="${round(x(px))}" cy="${round(y(py))}" r="4" fill="${fill}" stroke="#ffffff"/>`;
  return [...parts, mark(points[0]!, gradient(0)), mark(points.at(-1)!, gradient(1))];
}

/** Names of points and circles below the plot, and the colours of time. */
function drawKey(plane: Plane, frame: Frame): string[] {
  const parts: string[] = [];
  const y = frame.bottom + 58;
  let left = frame.left;
  const add = (mark: string, name: string) => {
    parts.push(mark, label(left + 22, y, name, { size: 12, fill: quiet }));
    left += 22 + 7.5 * name.length + 16;
  };
  plane.points.forEach(({ name }, index) => {
    if (name) add(`<circle cx="${left + 9}" cy="${y - 4}" r="4" fill="${colourOf(index)}"/>`, name);
  });
  for (const { name } of plane.circles ?? []) {
    const at = `x1="${left}" x2="${left + 18}" y1="${y - 4}" y2="${y - 4}"`;
    add(`<line ${at} stroke="${quiet}" stroke-dasharray="5 4"/>`, name);
  }
  if (plane.time) {
    const { title, from, to } = plane.time;
    parts.push(label(left, y, `${from}`, { size: 12, fill: quiet }));
    left += 7.5 * `${from}`.length + 8;
    for (let shade = 0; shade < SHADES; shade++) {
      const fill = gradient((shade + 0.5) / SHADES);
      parts.push(`<rect x="${left + shade}" y="${y - 9}" width="1.5" height="10" fill="${fill}"/>`);
    }
    parts.push(label(left + SHADES + 8, y, `${to} ${title}`, { size: 12, fill: quiet }));
  }
  return parts;
}
