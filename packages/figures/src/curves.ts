// Curves over a common axis, in plots one above another.
import { LangevinError } from "@neural-langevin/core";
import { area, line } from "d3-shape";
import { drawAxes, type Frame, scaleOver, spread } from "./axes.js";
import { type NumbersRow, numbersElement } from "./numbers.js";
import { colours, label, quiet, round, svgDocument } from "./svg.js";

/** One curve. Points that are not finite are left out and break the line. */
export interface Series {
  /** What stands at its end. */
  readonly name: string;
  /** As many as y. */
  readonly x: readonly number[];
  /** As many as x. */
  readonly y: readonly number[];
  /** A band around the curve, such as two standard errors; both sides or none. */
  readonly low?: readonly number[];
  /** The upper side. */
  readonly high?: readonly number[];
  /** Whether both sides are drawn as error bars at points with dots, and not as a band. */
  readonly bars?: boolean;
  /** Dashes for a line that is not a measurement, such as an expected value. */
  readonly dashed?: boolean;
}

/** Curves that share their axes. */
export interface Plot {
  /** What the y axis counts; stands above the plot. */
  readonly title: string;
  /** Drawn in this order, the last on top. */
  readonly series: readonly Series[];
  /** A logarithmic y axis; linear unless given. */
  readonly logarithmic?: boolean;
}

const SIZE = { width: 720, height: 240 };
const SPACE = { left: 64, right: 128, top: 40, bottom: 44 };
/** What the line and a letter of a name take at the right. */
const KEY = { line: 44, letter: 7.6 };

/**
 * Draws plots one above another, as one SVG document.
 *
 * A point without neighbours is drawn as a dot.
 *
 * @param figure.xTitle what the x axis counts
 * @param figure.xLogarithmic a logarithmic x axis; linear unless given
 * @throws invalid-value when a plot has no point to draw, wrong-length when x and y differ in length
 */
export function curves(figure: {
  xTitle: string;
  xLogarithmic?: boolean;
  plots: readonly Plot[];
}): string {
  const names = figure.plots.flatMap(({ series }) => series.map(({ name }) => name.length));
  const longest = names.reduce((a, b) => Math.max(a, b), 0);
  const space = Math.max(SPACE.right, Math.ceil(KEY.line + KEY.letter * longest));
  const content = figure.plots.map((plot, index) => {
    const moved = `<g transform="translate(0 ${index * SIZE.height})">`;
    const parts = drawPlot(plot, figure.xTitle, figure.xLogarithmic ?? false, space);
    return `${moved}${parts.join("\n")}</g>`;
  });
  const numbers = numbersElement(figure.plots.flatMap((plot) => numbersOf(plot, figure.xTitle)));
  return svgDocument(SIZE.width, SIZE.height * figure.plots.length, [numbers, ...content]);
}

const numbersOf = ({ title, series }: Plot, xTitle: string): NumbersRow[] =>
  series.flatMap(({ name, x, y, low, high }) =>
    x.map((value, at) => ({
      plot: title,
      series: name,
      [xTitle]: value,
      value: y[at],
      ...(low && high && { low: low[at], high: high[at] }),
    })),
  );

function drawPlot(plot: Plot, xTitle: string, xLogarithmic: boolean, space: number): string[] {
  const series = plot.series.map((one) => ({
    name: one.name,
    dashed: one.dashed ?? false,
    bars: one.bars ?? false,
    points: toPoints(one, one.y, plot, xLogarithmic),
    low: one.low && toPoints(one, one.low, plot, xLogarithmic),
    high: one.high && toPoints(one, one.high, plot, xLogarithmic),
  }));
  const drawn = series.flatMap(({ points, low = [], high = [] }) =>
    [...points, ...low, ...high].filter((point) => point !== undefined),
  );
  if (drawn.length === 0) {
    throw new LangevinError("invalid-value", `The plot "${plot.title}" has no point to draw.`);
  }
  const frame: Frame = {
    left: SPACE.left,
    right: SIZE.width - space,
    top: SPACE.top,
    bottom: SIZE.height - SPACE.bottom,
  };
  const { right } = frame;
  const x = scaleOver(
    spread(
      drawn.map(([value]) => value),
      xLogarithmic,
    ),
    [frame.left, right],
    xLogarithmic,
  );
  const y = scaleOver(
    spread(
      drawn.map(([, value]) => value),
      plot.logarithmic,
    ),
    [frame.bottom, frame.top],
    plot.logarithmic,
  ).nice();
  const parts = drawAxes(frame, { x, y, title: plot.title, xTitle });

  const path = line<Point>(
    (point) => round(x(point![0])),
    (point) => round(y(point![1])),
  ).defined((point) => point !== undefined);
  type Side = readonly [Point, Point];
  const band = area<Side>()
    .x(([low]) => round(x(low![0])))
    .y0(([low]) => round(y(low![1])))
    .y1(([, high]) => round(y(high![1])))
    .defined(([low, high]) => low !== undefined && high !== undefined);
  series.forEach(({ name, points, low, high, dashed, bars }, index) => {
    const colour = dashed ? quiet : colours[index % colours.length]!;
    if (low && high && bars) {
      const d = low.map((point, place) => {
        const top = high[place];
        if (!point || !top) return "";
        const [at, from, to] = [round(x(point[0])), round(y(point[1])), round(y(top[1]))];
        return `M${at},${from}V${to}M${at - 4},${from}h8M${at - 4},${to}h8`;
      });
      parts.push(`<path d="${d.join("")}" fill="none" stroke="${colour}" stroke-width="1.2"/>`);
    } else if (low && high) {
      const sides = low.map((point, place): Side => [point, high[place]]);
      parts.push(`<path d="${band(sides) ?? ""}" fill="${colour}" fill-opacity="0.18"/>`);
    }
    const d = path(points) ?? "";
    const pattern = series.slice(0, index).some((one) => one.dashed) ? "2 3" : "6 4";
    const dashes = dashed ? ` stroke-dasharray="${pattern}"` : "";
    parts.push(`<path d="${d}" fill="none" stroke="${colour}" stroke-width="1.8"${dashes}/>`);
    points.forEach((point, place) => {
      if (point && (bars || (!points[place - 1] && !points[place + 1]))) {
        parts.push(
          `<circle cx="${round(x(point[0]))}" cy="${round(y(point[1]))}" r="3" fill="${colour}"/>`,
        );
      }
    });
    // The name stands where the reader's eye would look for it: below each other, at the right.
    const key = SPACE.top + 12 + 18 * index;
    parts.push(
      `<line x1="${right + 14}" x2="${right + 30}" y1="${key - 4}" y2="${key - 4}" ` +
        `stroke="${colour}" stroke-width="2.5"${dashes}/>`,
      label(right + 36, key, name, { size: 12, fill: colour }),
    );
  });
  return parts;
}

type Point = readonly [number, number] | undefined;

/** The points of a series or of a side of its band, undefined where there is none to draw. */
function toPoints(
  { name, x }: Series,
  y: readonly number[],
  plot: Plot,
  xLogarithmic: boolean,
): Point[] {
  if (x.length !== y.length) {
    throw new LangevinError(
      "wrong-length",
      `The series "${name}" has ${x.length} values of x but ${y.length} of y.`,
    );
  }
  return x.map((value, index) => {
    const height = y[index]!;
    const fits = Number.isFinite(value) && Number.isFinite(height);
    const drawn = fits && !(plot.logarithmic && height <= 0) && !(xLogarithmic && value <= 0);
    return drawn ? ([value, height] as const) : undefined;
  });
}
